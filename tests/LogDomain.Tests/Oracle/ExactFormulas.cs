namespace LogDomain.Tests.Oracle;

/// <summary>
/// Every function of <see cref="LogMath"/> of one, two or three numbers, and its derivatives, as a formula over exact numbers, by the name it has there.
/// Arguments lie inside the domain, where results are numbers; the edges, infinity and NaN are the tests' own.
/// </summary>
/// <remarks>
/// A formula is the definition, rearranged where terms of its own would cancel: e^x - 1 by expm1, log near 1 by log1p, x^2/2 by a series. What is left are
/// the places where the value itself has a root or its argument a pole; <see cref="ExactFunctions"/> takes BigFloat there.
/// </remarks>
public static class ExactFormulas<T>
    where T : struct, IReal<T>
{
    private static readonly T Two = T.From(2);

    private static readonly T Half = T.From(0.5);
    private static readonly T Thousand = T.From(1000);

    private static readonly T Ln2 = T.Log(Two);

    // e^2000 and e^-2000 are beyond what a double holds by more than any other double can make up for.
    private static readonly T Far = T.From(2000);

    public static readonly IReadOnlyDictionary<string, Func<T, T>> Unary = new Dictionary<string, Func<T, T>>
    {
        ["Log1P"] = T.Log1p,
        ["Log1M"] = x => T.Log1p(-x),
        ["ExpM1"] = x => T.Expm1(NotFar(x)),
        ["Softplus"] = Softplus,
        ["LogExpM1"] = LogExpM1,
        ["Log1MExp"] = Log1MExp,
        ["Log2MExp"] = x => T.Log1p(-T.Expm1(x)),
        ["Logit1MExp"] = x => LogExpM1(-x),
        ["Log1PMX"] = Log1PMX,
        ["LogMXP1"] = x => T.Abs(x - T.One) < Half ? Log1PMX(x - T.One) : T.Log(x) - (x - T.One),
        ["Log1PSquared"] = x => T.Log1p(x * x),
        ["Sigmoid"] = Sigmoid,
        ["LogSigmoid"] = x => -Softplus(-x),
        ["Log1MSigmoid"] = x => -Softplus(x),
        ["Logit"] = Logit,
        ["LogitExp"] = x => -LogExpM1(-x),
        ["XLogX"] = x => x * T.Log(x),
        ["XExpX"] = x => x * T.Exp(NotFar(x)),
        ["LogCosh"] = LogCosh,
        ["LogAbsSinh"] = LogAbsSinh,
        ["LogAbsTanh"] = LogAbsTanh,
        ["CLogLog"] = p => T.Log(-T.Log1p(-p)),
        ["CExpExp"] = x => -T.Expm1(-T.Exp(NotAbove(x, T.From(20)))),   // 1 - e^(-e^20) is 1

        ["Log1PDerivative"] = x => T.One / (T.One + x),
        ["Log1MDerivative"] = x => -(T.One / (T.One - x)),
        ["ExpM1Derivative"] = x => T.Exp(NotFar(x)),
        ["SoftplusDerivative"] = Sigmoid,
        ["LogExpM1Derivative"] = x => -(T.One / T.Expm1(-x)),
        ["Log1MExpDerivative"] = x => -(T.One / T.Expm1(NotFar(-x))),
        ["Log2MExpDerivative"] = x => -(T.Exp(x) / (T.One - T.Expm1(x))),
        ["Logit1MExpDerivative"] = x => T.One / T.Expm1(x),
        ["Log1PMXDerivative"] = x => -(x / (T.One + x)),
        ["LogMXP1Derivative"] = x => (T.One - x) / x,
        ["Log1PSquaredDerivative"] = x => Two * x / (T.One + (x * x)),
        ["SigmoidDerivative"] = SigmoidDerivative,
        ["LogSigmoidDerivative"] = x => Sigmoid(-x),
        ["Log1MSigmoidDerivative"] = x => -Sigmoid(x),
        ["LogitDerivative"] = p => T.One / (p * (T.One - p)),
        ["LogitExpDerivative"] = x => -(T.One / T.Expm1(x)),
        ["XLogXDerivative"] = x => T.One + T.Log(x),
        ["XExpXDerivative"] = x => (T.One + x) * T.Exp(NotFar(x)),
        ["LogCoshDerivative"] = Tanh,
        ["LogAbsSinhDerivative"] = x => T.One / Tanh(x),
        ["LogAbsTanhDerivative"] = x => Two / Sinh(Two * x),
        ["CLogLogDerivative"] = p => -(T.One / ((T.One - p) * T.Log1p(-p))),
        ["CExpExpDerivative"] = x => T.Exp(NotAbove(x, T.From(20)) - T.Exp(NotAbove(x, T.From(20)))),
    };

    public static readonly IReadOnlyDictionary<string, Func<T, T, T>> Binary = new Dictionary<string, Func<T, T, T>>
    {
        ["LogAddExp"] = (x, y) => Max(x, y) + T.Log1p(T.Exp(-T.Abs(x - y))),
        ["LogSubExp"] = (x, y) => x == y ? T.NegativeInfinity : Max(x, y) + Log1MExp(-T.Abs(x - y)),
        ["LogSigmoidDifference"] = LogSigmoidDifference,
        ["XLogY"] = (x, y) => x.Sign == 0 ? T.Zero : x * T.Log(y),
        ["XLog1PY"] = (x, y) => x * T.Log1p(y),
        ["XExpY"] = (x, y) => x * T.Exp(NotFar(y)),
        ["Softplus"] = (x, sharpness) => Softplus(sharpness * x) / sharpness,
        ["LogExpM1"] = (x, sharpness) => LogExpM1(sharpness * x) / sharpness,
    };

    public static readonly IReadOnlyDictionary<string, Func<T, T, (T X, T Y)>> Gradients = new Dictionary<string, Func<T, T, (T X, T Y)>>
    {
        ["LogAddExpDerivative"] = (x, y) => (Sigmoid(x - y), Sigmoid(y - x)),
        ["LogSubExpDerivative"] = (x, y) => (-(T.One / T.Expm1(NotFar(y - x))), -(T.One / T.Expm1(NotFar(x - y)))),
        ["XLogYDerivative"] = (x, y) => (T.Log(y), x / y),
        ["XLog1PYDerivative"] = (x, y) => (T.Log1p(y), x / (T.One + y)),
        ["XExpYDerivative"] = (x, y) => (T.Exp(NotFar(y)), x * T.Exp(NotFar(y))),
    };

    /// <summary>
    /// log(theta e^x + (1 - theta) e^y), which is log(1 + theta (e^x - 1) + (1 - theta) (e^y - 1)): so where the result is near 0. Others are shifted by the larger one,
    /// whose term then is 0.
    /// </summary>
    public static T LogMix(T theta, T x, T y)
    {
        if (Max(x, y) < Thousand)
        {
            T meanLessOne = (theta * T.Expm1(x)) + ((T.One - theta) * T.Expm1(y));
            if (T.Abs(meanLessOne) < Half)
                return T.Log1p(meanLessOne);
        }

        T share = x > y ? T.One - theta : theta, other = x > y ? theta : T.One - theta;
        T excess = share * T.Expm1(-T.Abs(x - y));
        return Max(x, y) + (excess > -Half ? T.Log1p(excess) : T.Log(other + (share * T.Exp(-T.Abs(x - y)))));
    }

    private static T Softplus(T x) => (x.Sign > 0 ? x : T.Zero) + T.Log1p(T.Exp(-T.Abs(x)));

    private static T LogExpM1(T x) => x < T.One ? T.Log(T.Expm1(x)) : x + T.Log1p(-T.Exp(-x));

    // Maechler's two forms, each where 1 - e^x does not cancel.
    private static T Log1MExp(T x) => x > -Half ? T.Log(-T.Expm1(x)) : T.Log1p(-T.Exp(x));

    /// <summary>log(1 + x) - x, which is -x^2/2 + x^3/3 - ... where the two cancel.</summary>
    private static T Log1PMX(T x)
    {
        if (!(T.Abs(x) < T.From(0.00390625)))
            return T.Log1p(x) - x;

        T power = -(x * x), sum = power / Two;
        for (int k = 3; ; k++)
        {
            power *= -x;
            T next = sum + (power / T.From(k));
            if (next == sum)
                return sum;

            sum = next;
        }
    }

    private static T Sigmoid(T x)
    {
        T e = T.Exp(-T.Abs(x));
        return (x.Sign < 0 ? e : T.One) / (T.One + e);
    }

    private static T SigmoidDerivative(T x)
    {
        T e = T.Exp(-T.Abs(x));
        return e / ((T.One + e) * (T.One + e));
    }

    // (e^x - e^y) / ((1 + e^x) (1 + e^y)): three logarithms of one sign.
    private static T LogSigmoidDifference(T x, T y) =>
        x == y ? T.NegativeInfinity : Log1MExp(-T.Abs(x - y)) - Softplus(-Max(x, y)) - Softplus(Min(x, y));

    // Near 1/2 the quotient is 1 + (2p - 1) / (1 - p), whose numerator and denominator are exact.
    private static T Logit(T p) => T.Abs(p - Half) < T.From(0.25)
        ? T.Log1p(((Two * p) - T.One) / (T.One - p))
        : T.Log(p / (T.One - p));

    // cosh x = 1 + 2 sinh^2(x / 2), and from 1 on e^|x| (1 + e^-2|x|) / 2.
    private static T LogCosh(T x)
    {
        T sinh = T.Abs(x) < T.One ? Sinh(x * Half) : T.Zero;
        return T.Abs(x) < T.One ? T.Log1p(Two * sinh * sinh) : T.Abs(x) - Ln2 + T.Log1p(T.Exp(-(Two * T.Abs(x))));
    }

    private static T LogAbsSinh(T x) => T.Abs(x) < T.One
        ? T.Log(Sinh(T.Abs(x)))
        : T.Abs(x) - Ln2 + T.Log1p(-T.Exp(-(Two * T.Abs(x))));

    // tanh a = 1 - 2 / (e^2a + 1).
    private static T LogAbsTanh(T x) => T.Abs(x) < Half
        ? T.Log(Tanh(T.Abs(x)))
        : T.Log1p(-(Two / (T.Exp(NotFar(Two * T.Abs(x))) + T.One)));

    private static T Sinh(T x)
    {
        T e = T.Expm1(NotFar(T.Abs(x))), sinh = (e + (e / (T.One + e))) * Half;
        return x.Sign < 0 ? -sinh : sinh;
    }

    private static T Tanh(T x)
    {
        T e = T.Expm1(NotFar(Two * T.Abs(x))), tanh = e / (e + Two);
        return x.Sign < 0 ? -tanh : tanh;
    }

    private static T NotFar(T x) => NotAbove(x, Far);

    private static T NotAbove(T x, T limit) => Min(x, limit);

    private static T Max(T x, T y) => x < y ? y : x;

    private static T Min(T x, T y) => x < y ? x : y;
}

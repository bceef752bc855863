namespace LogDomain.Tests.Oracle;

/// <summary><see cref="ExactFormulas{T}"/> by name, each with where double-double is not enough.</summary>
public static class ExactFunctions
{
    // Of double-double's 100 bits 70 are left where the terms of a sum are this many times as large as the sum. Beside a root all but 47 would go.
    private const double Tolerable = 1 << 30;

    public static ExactFunction Unary(string name)
    {
        Func<DoubleDouble, DoubleDouble> quick = ExactFormulas<DoubleDouble>.Unary[name];
        Func<BigFloat, BigFloat> exact = ExactFormulas<BigFloat>.Unary[name];
        return new((x, _) => quick(DoubleDouble.From(x)), (x, _) => exact(BigFloat.From(x)), TooFewBits(name));
    }

    public static ExactFunction Binary(string name)
    {
        Func<DoubleDouble, DoubleDouble, DoubleDouble> quick = ExactFormulas<DoubleDouble>.Binary[name];
        Func<BigFloat, BigFloat, BigFloat> exact = ExactFormulas<BigFloat>.Binary[name];
        return new((x, y) => quick(DoubleDouble.From(x), DoubleDouble.From(y)), (x, y) => exact(BigFloat.From(x), BigFloat.From(y)), TooFewBits(name));
    }

    /// <summary>The derivatives with respect to x and y.</summary>
    public static (ExactFunction X, ExactFunction Y) Gradient(string name)
    {
        Func<DoubleDouble, DoubleDouble, (DoubleDouble X, DoubleDouble Y)> quick = ExactFormulas<DoubleDouble>.Gradients[name];
        Func<BigFloat, BigFloat, (BigFloat X, BigFloat Y)> exact = ExactFormulas<BigFloat>.Gradients[name];
        return (
            new((x, y) => quick(DoubleDouble.From(x), DoubleDouble.From(y)).X, (x, y) => exact(BigFloat.From(x), BigFloat.From(y)).X, TooFewBits(name)),
            new((x, y) => quick(DoubleDouble.From(x), DoubleDouble.From(y)).Y, (x, y) => exact(BigFloat.From(x), BigFloat.From(y)).Y, TooFewBits(name)));
    }

    private static Func<double, double, double, bool> TooFewBits(string name) => name switch
    {
        // Roots: at ln 2, asinh 1, 1 - 1/e and 1/e of terms of size 1.
        "LogExpM1" => (_, sharpness, value) => Math.Abs(value) * (sharpness == 0 ? 1 : sharpness) < 1 / Tolerable,
        "Logit1MExp" or "LogitExp" or "LogAbsSinh" or "CLogLog" or "XLogXDerivative" => (_, _, value) => Math.Abs(value) < 1 / Tolerable,

        // On the curves e^x + e^y = 1 and |e^x - e^y| = 1 a maximum and a logarithm.
        "LogAddExp" or "LogSubExp" => (x, y, value) => Math.Abs(value) < Math.Max(Math.Abs(x), Math.Abs(y)) / Tolerable,

        // The pole at ln 2: 2 - e^x itself.
        "Log2MExp" => (_, _, value) => value < -20,
        "Log2MExpDerivative" => (_, _, value) => Math.Abs(value) > Tolerable,
        _ => (_, _, _) => false,
    };
}

namespace LogDomain.Tests.Oracle;

/// <summary>The losses as formulas over exact inputs, written as their definitions, not as the library computes them.</summary>
public static class ExactLosses
{
    /// <summary>positive t (-log sigmoid(x)) (1 - sigmoid(x))^gamma + negative (1 - t) (-log(1 - sigmoid(x))) sigmoid(x)^gamma. A share of 0 removes its term.</summary>
    public static T Binary<T>(double x, double target, double positive = 1, double negative = 1, double gamma = 0)
        where T : struct, IReal<T>
    {
        (T p, T n) = Shares<T>(target, positive, negative);
        T toPositive = ExactLogDomain.Softplus<T>(-x), toNegative = ExactLogDomain.Softplus<T>(x);
        return Times(p, toPositive * Power(toNegative, gamma)) + Times(n, toNegative * Power(toPositive, gamma));
    }

    /// <summary>Its derivative by x, and the larger of the two parts of which it is the difference.</summary>
    public static (T Derivative, double Scale) BinaryDerivative<T>(double x, double target, double positive = 1, double negative = 1, double gamma = 0)
        where T : struct, IReal<T>
    {
        (T p, T n) = Shares<T>(target, positive, negative);
        T toPositive = ExactLogDomain.Softplus<T>(-x), toNegative = ExactLogDomain.Softplus<T>(x);
        T s = ExactLogDomain.Sigmoid<T>(x), other = ExactLogDomain.Sigmoid<T>(-x), g = T.From(gamma);
        T up = n * Power(toPositive, gamma) * (s + (g * other * toNegative)), down = p * Power(toNegative, gamma) * (other + (g * s * toPositive));
        return (up - down, Math.Max(up.ToDouble(), down.ToDouble()));
    }

    /// <summary>sum p (log p - log q); every p that is not 0 needs a q that is not.</summary>
    public static T KullbackLeibler<T>(double[] logitsP, double[] logitsQ)
        where T : struct, IReal<T> => Divergence(Distribution<T>(logitsP), Distribution<T>(logitsQ));

    /// <summary>p (log p - log q - divergence), and q - p.</summary>
    public static (T[] ByP, T[] ByQ) KullbackLeiblerGradients<T>(double[] logitsP, double[] logitsQ)
        where T : struct, IReal<T>
    {
        (T[] P, T[] LogP) p = Distribution<T>(logitsP), q = Distribution<T>(logitsQ);
        return (ByOwn(p, q, T.One), [.. p.P.Select((value, i) => q.P[i] - value)]);
    }

    /// <summary>(KL(p, m) + KL(q, m)) / 2.</summary>
    public static T JensenShannon<T>(double[] logitsP, double[] logitsQ)
        where T : struct, IReal<T>
    {
        (T[] P, T[] LogP) p = Distribution<T>(logitsP), q = Distribution<T>(logitsQ), m = Mean(p, q);
        return T.ScaleB(Divergence(p, m) + Divergence(q, m), -1);
    }

    /// <summary>p (log(p / m) - KL(p, m)) / 2, and the same for q.</summary>
    public static (T[] ByP, T[] ByQ) JensenShannonGradients<T>(double[] logitsP, double[] logitsQ)
        where T : struct, IReal<T>
    {
        (T[] P, T[] LogP) p = Distribution<T>(logitsP), q = Distribution<T>(logitsQ), m = Mean(p, q);
        T half = T.ScaleB(T.One, -1);
        return (ByOwn(p, m, half), ByOwn(q, m, half));
    }

    private static T[] ByOwn<T>((T[] P, T[] LogP) own, (T[] P, T[] LogP) other, T factor)
        where T : struct, IReal<T>
    {
        T divergence = Divergence(own, other);
        return [.. own.P.Select((p, i) => p.Sign == 0 ? T.Zero : factor * p * (own.LogP[i] - other.LogP[i] - divergence))];
    }

    private static T Divergence<T>((T[] P, T[] LogP) p, (T[] P, T[] LogP) q)
        where T : struct, IReal<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < p.P.Length; i++)
        {
            if (p.P[i].Sign != 0)
                sum += p.P[i] * (p.LogP[i] - q.LogP[i]);
        }

        return sum;
    }

    private static (T[] P, T[] LogP) Distribution<T>(double[] logits)
        where T : struct, IReal<T> => (ExactLogDomain.SoftMax<T>(logits), ExactLogDomain.LogSoftMax<T>(logits));

    private static (T[] P, T[] LogP) Mean<T>((T[] P, T[] LogP) p, (T[] P, T[] LogP) q)
        where T : struct, IReal<T>
    {
        T[] mean = [.. p.P.Select((value, i) => T.ScaleB(value + q.P[i], -1))];
        return (mean, [.. mean.Select(value => value.Sign == 0 ? T.NegativeInfinity : T.Log(value))]);
    }

    private static (T Positive, T Negative) Shares<T>(double target, double positive, double negative)
        where T : struct, IReal<T> => (T.From(positive) * T.From(target), T.From(negative) * (T.One - T.From(target)));

    private static T Power<T>(T softplus, double gamma)
        where T : struct, IReal<T> => gamma == 0 ? T.One : T.Exp(-(T.From(gamma) * softplus));

    private static T Times<T>(T share, T loss)
        where T : struct, IReal<T> => share.Sign == 0 ? T.Zero : share * loss;
}

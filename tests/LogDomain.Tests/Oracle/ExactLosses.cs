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

    /// <summary>p (log p - log q - divergence), and q - p; of each side's most probable class minus the sum of the others, as all sum to 0.</summary>
    public static (T[] ByP, T[] ByQ) KullbackLeiblerGradients<T>(double[] logitsP, double[] logitsQ)
        where T : struct, IReal<T>
    {
        (T[] P, T[] LogP) p = Distribution<T>(logitsP), q = Distribution<T>(logitsQ);
        return (ByOwn(p, q, T.One), Balanced(q.P, [.. p.P.Select((value, i) => q.P[i] - value)]));
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

    /// <summary>
    /// The derivative of sum_i y_i upstream_i for y = softmax(logits / temperature), <c>sum_j y_i y_j (upstream_i - upstream_j) / temperature</c>, and the largest of it and the two parts of
    /// which it is the difference when the upstream is taken relative to that of the largest y.
    /// </summary>
    public static (T[] Derivatives, double[] Scales) SoftMaxWithTemperature<T>(double[] logits, double temperature, double[] upstream)
        where T : struct, IReal<T>
    {
        int largest = Array.IndexOf(logits, logits.Max());
        T t = T.From(temperature), sum = T.Zero;
        T[] y = [.. logits.Select(x => double.IsNegativeInfinity(x) ? T.Zero : T.Exp((T.From(x) - T.From(logits[largest])) / t))];
        foreach (T term in y)
            sum += term;

        y = [.. y.Select(term => term / sum)];
        T[] relative = [.. upstream.Select(g => T.From(g) - T.From(upstream[largest]))];
        T mean = T.Zero, size = T.Zero;
        for (int j = 0; j < y.Length; j++)
        {
            mean += y[j] * relative[j];
            size += y[j] * T.Abs(relative[j]);
        }

        T[] derivatives = [.. y.Select((p, i) => p * (relative[i] - mean) / t)];
        return (derivatives, [.. y.Select((p, i) => Math.Max(Math.Abs(derivatives[i].ToDouble()), Math.Max((p * T.Abs(relative[i]) / t).ToDouble(), (p * size / t).ToDouble())))]);
    }

    private static T[] ByOwn<T>((T[] P, T[] LogP) own, (T[] P, T[] LogP) other, T factor)
        where T : struct, IReal<T>
    {
        T divergence = Divergence(own, other);
        return Balanced(own.P, [.. own.P.Select((p, i) => p.Sign == 0 ? T.Zero : factor * p * (own.LogP[i] - other.LogP[i] - divergence))]);
    }

    /// <summary>Where a probability is near 1, its logarithm and the divergence can agree in more digits than a number of finitely many has.</summary>
    private static T[] Balanced<T>(T[] probabilities, T[] derivatives)
        where T : struct, IReal<T>
    {
        int largest = 0;
        for (int i = 1; i < probabilities.Length; i++)
            largest = (probabilities[i] - probabilities[largest]).Sign > 0 ? i : largest;

        T others = T.Zero;
        for (int i = 0; i < derivatives.Length; i++)
            others += i == largest ? T.Zero : derivatives[i];

        derivatives[largest] = -others;
        return derivatives;
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

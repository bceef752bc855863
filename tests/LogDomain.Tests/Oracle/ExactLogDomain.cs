using System.Numerics;

namespace LogDomain.Tests.Oracle;

/// <summary>
/// The library's operations as formulas over exact inputs. <c>T</c> is <see cref="BigFloat"/> for the truth, or <see cref="DoubleDouble"/> for bulk.
/// </summary>
/// <remarks>
/// Every row is the state (max, tail) that stands for e^max * (1 + tail), where tail holds every term but one of the largest; nothing is lost
/// when 1 + tail rounds to 1. An input of -infinity has weight 0. NaN and +infinity are the caller's.
/// </remarks>
public static class ExactLogDomain
{
    // Of DoubleDouble's 100 bits this many may cancel; the other 60 decide any question of ULPs in a double.
    private const int TolerableCancellation = 40;

    /// <summary>The values as doubles, which hold every Half, bfloat16 and float exactly.</summary>
    public static double[] Widen<T>(ReadOnlySpan<T> x)
        where T : INumberBase<T>
    {
        var wide = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
            wide[i] = double.CreateChecked(x[i]);

        return wide;
    }

    /// <summary>The log-sum state: the largest element and the sum of e^(x_i - max) over every element but the first largest.</summary>
    public static (double Max, T Tail) State<T>(ReadOnlySpan<double> x)
        where T : struct, IReal<T>
    {
        int largest = IndexOfMax(x);
        return largest < 0 ? (double.NegativeInfinity, T.Zero) : (x[largest], SumOfOthers<T>(x, largest));
    }

    /// <summary>max + log(1 + tail).</summary>
    public static T LogSumExp<T>(ReadOnlySpan<double> x)
        where T : struct, IReal<T>
    {
        (double max, T tail) = State<T>(x);
        return double.IsNegativeInfinity(max) ? T.NegativeInfinity : T.From(max) + T.Log1p(tail);
    }

    /// <summary>The same in double-double where that decides, and in BigFloat where max and log(1 + tail) nearly cancel.</summary>
    public static BigFloat LogSumExp(ReadOnlySpan<double> x)
    {
        DoubleDouble quick = LogSumExp<DoubleDouble>(x);
        double max = quick.IsNegativeInfinity ? 0 : x[IndexOfMax(x)];
        return Math.Abs(quick.ToDouble()) >= Math.ScaleB(Math.Abs(max), -TolerableCancellation)
            ? quick.ToBigFloat()
            : LogSumExp<BigFloat>(x);
    }

    /// <summary>log |s| and the sign of s = sum of weight_i * e^(x_i). A weight of 0 removes its term.</summary>
    public static (T LogAbs, int Sign) LogSumExp<T>(ReadOnlySpan<double> x, ReadOnlySpan<double> weights)
        where T : struct, IReal<T>
    {
        int largest = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (weights[i] != 0 && x[i] > (largest < 0 ? double.NegativeInfinity : x[largest]))
                largest = i;
        }

        if (largest < 0)
            return (T.NegativeInfinity, 0);

        // s = e^max * (1 + excess): a sum near 1 keeps its distance from 1.
        T max = T.From(x[largest]);
        T excess = T.From(weights[largest]) - T.One;
        for (int i = 0; i < x.Length; i++)
        {
            if (i != largest && weights[i] != 0)
                excess += T.From(weights[i]) * Weight<T>(x[i], x[largest]);
        }

        int sign = (T.One + excess).Sign;
        return sign switch
        {
            0 => (T.NegativeInfinity, 0),
            > 0 => (max + T.Log1p(excess), 1),
            _ => (max + T.Log(-(T.One + excess)), -1),
        };
    }

    /// <summary>e^(x_i - max) / (1 + tail) for every i; also the gradient of LogSumExp. All 0 where every x_i is -infinity.</summary>
    public static T[] SoftMax<T>(ReadOnlySpan<double> x)
        where T : struct, IReal<T>
    {
        int largest = IndexOfMax(x);
        double max = largest < 0 ? double.NegativeInfinity : x[largest];
        var p = new T[x.Length];
        T tail = T.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            p[i] = Weight<T>(x[i], max);
            if (i != largest)
                tail += p[i];
        }

        T scale = T.One / (T.One + tail);
        for (int i = 0; i < x.Length; i++)
            p[i] *= scale;

        return p;
    }

    /// <summary>(x_i - max) - log(1 + tail) for every i: two terms of one sign, so nothing cancels.</summary>
    public static T[] LogSoftMax<T>(ReadOnlySpan<double> x)
        where T : struct, IReal<T>
    {
        (double max, T tail) = State<T>(x);
        T logSum = T.Log1p(tail);
        var logP = new T[x.Length];
        for (int i = 0; i < x.Length; i++)
            logP[i] = double.IsNegativeInfinity(x[i]) ? T.NegativeInfinity : T.From(x[i]) - T.From(max) - logSum;

        return logP;
    }

    /// <summary>-log softmax(x)[target].</summary>
    public static T CrossEntropy<T>(ReadOnlySpan<double> x, int target)
        where T : struct, IReal<T>
    {
        if (double.IsNegativeInfinity(x[target]))
            throw new ArgumentException("The target has probability 0; its loss is +infinity.", nameof(target));

        (double max, T tail) = State<T>(x);
        return T.Log1p(tail) + (T.From(max) - T.From(x[target]));
    }

    /// <summary>p_j, and at the target minus the sum of the others instead of p - 1.</summary>
    public static T[] CrossEntropyGradient<T>(ReadOnlySpan<double> x, int target)
        where T : struct, IReal<T>
    {
        T[] gradient = SoftMax<T>(x);
        gradient[target] = T.Zero;
        T others = T.Zero;
        foreach (T p in gradient)
            others += p;

        gradient[target] = -others;
        return gradient;
    }

    /// <summary>-sum of q_j * log softmax(x)[j] for soft targets q, such as smoothed labels. A q of 0 removes its term.</summary>
    public static T CrossEntropy<T>(ReadOnlySpan<double> x, ReadOnlySpan<T> q)
        where T : struct, IReal<T>
    {
        T[] logP = LogSoftMax<T>(x);
        T loss = T.Zero;
        for (int j = 0; j < x.Length; j++)
        {
            if (q[j].Sign != 0)
                loss -= q[j] * logP[j];
        }

        return loss;
    }

    /// <summary>p_j * (sum of q) - q_j. The difference cancels: take BigFloat where p is near q.</summary>
    public static T[] CrossEntropyGradient<T>(ReadOnlySpan<double> x, ReadOnlySpan<T> q)
        where T : struct, IReal<T>
    {
        T total = T.Zero;
        foreach (T value in q)
            total += value;

        T[] gradient = SoftMax<T>(x);
        for (int j = 0; j < x.Length; j++)
            gradient[j] = (gradient[j] * total) - q[j];

        return gradient;
    }

    /// <summary>p_i * (g_i - sum of g_j p_j) for the gradient g with respect to softmax(x).</summary>
    public static T[] SoftMaxGradient<T>(ReadOnlySpan<double> x, ReadOnlySpan<double> g)
        where T : struct, IReal<T>
    {
        T[] p = SoftMax<T>(x);
        T mean = T.Zero;
        for (int i = 0; i < x.Length; i++)
            mean += T.From(g[i]) * p[i];

        for (int i = 0; i < x.Length; i++)
            p[i] *= T.From(g[i]) - mean;

        return p;
    }

    /// <summary>g_i - p_i * (sum of g) for the gradient g with respect to log softmax(x).</summary>
    public static T[] LogSoftMaxGradient<T>(ReadOnlySpan<double> x, ReadOnlySpan<double> g)
        where T : struct, IReal<T>
    {
        T total = T.Zero;
        foreach (double value in g)
            total += T.From(value);

        T[] gradient = SoftMax<T>(x);
        for (int i = 0; i < x.Length; i++)
            gradient[i] = T.From(g[i]) - (gradient[i] * total);

        return gradient;
    }

    /// <summary>log(e^a + e^b).</summary>
    public static T LogAddExp<T>(double a, double b)
        where T : struct, IReal<T> => LogSumExp<T>([a, b]);

    /// <summary>log(e^a - e^b) for a &gt;= b.</summary>
    public static T LogSubExp<T>(double a, double b)
        where T : struct, IReal<T> =>
        a == b ? T.NegativeInfinity
        : double.IsNegativeInfinity(b) ? T.From(a)
        : T.From(a) + LogOneMinusExp(T.From(b) - T.From(a));

    /// <summary>log(1 + e^x).</summary>
    public static T Softplus<T>(double x)
        where T : struct, IReal<T> => LogAddExp<T>(x, 0);

    /// <summary>1 / (1 + e^-x).</summary>
    public static T Sigmoid<T>(double x)
        where T : struct, IReal<T> => SoftMax<T>([x, 0])[0];

    /// <summary>log(1 / (1 + e^-x)).</summary>
    public static T LogSigmoid<T>(double x)
        where T : struct, IReal<T> => LogSoftMax<T>([x, 0])[0];

    /// <summary>log(1 - e^x) for x &lt;= 0.</summary>
    public static T Log1MExp<T>(double x)
        where T : struct, IReal<T> => x == 0 ? T.NegativeInfinity : LogOneMinusExp(T.From(x));

    // Maechler's two forms, each where 1 - e^x does not cancel: above and below e^x = 1/2.
    private static T LogOneMinusExp<T>(T x)
        where T : struct, IReal<T> =>
        T.ILogB(x) < -1 ? T.Log(-T.Expm1(x)) : T.Log1p(-T.Exp(x));

    private static T SumOfOthers<T>(ReadOnlySpan<double> x, int excluded)
        where T : struct, IReal<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            if (i != excluded)
                sum += Weight<T>(x[i], x[excluded]);
        }

        return sum;
    }

    private static T Weight<T>(double x, double max)
        where T : struct, IReal<T> =>
        double.IsNegativeInfinity(x) ? T.Zero
        : x == max ? T.One
        : T.Exp(T.From(x) - T.From(max));

    private static int IndexOfMax(ReadOnlySpan<double> x)
    {
        int largest = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] > (largest < 0 ? double.NegativeInfinity : x[largest]))
                largest = i;
        }

        return largest;
    }
}

using System.Numerics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>Two distributions of one row and what is needed of them: probabilities, their logarithms, and <c>d = log p - log q</c>.</summary>
internal readonly unsafe struct DistributionPair(double* memory, nint length)
{
    /// <summary>How many arrays of a row's length the memory holds.</summary>
    public const int Arrays = 8;

    public nint Length => length;

    public double* P => memory;

    public double* LogP => memory + length;

    public double* Q => memory + (2 * length);

    public double* LogQ => memory + (3 * length);

    public double* D => memory + (4 * length);

    /// <summary>The mean of p and q.</summary>
    public double* M => memory + (5 * length);

    /// <summary>What is left of <see cref="LogP"/> when <see cref="D"/> has been computed: the derivatives by the logits of p, or the logarithms of p / m.</summary>
    public double* First => LogP;

    /// <summary>The same for q.</summary>
    public double* Second => LogQ;

    public double* GradientP => memory + (6 * length);

    public double* GradientQ => memory + (7 * length);

    /// <summary>Fills P, LogP, Q, LogQ and D from two rows of logits.</summary>
    public void Read<T>(T* logitsP, T* logitsQ)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        InformationRows.Distribution(logitsP, length, P, LogP);
        InformationRows.Distribution(logitsQ, length, Q, LogQ);
        InformationRows.LogRatios(logitsP, logitsQ, length, LogP, LogQ, D);
    }
}

/// <summary>A divergence of two distributions, and its derivatives by their logits.</summary>
internal interface IDivergence
{
    /// <summary>The divergence, which is never negative.</summary>
    static abstract double Of(in DistributionPair pair);

    /// <summary>The derivatives, given the divergence, which is not NaN. Called after <see cref="Of"/>.</summary>
    static abstract void Differentiate(in DistributionPair pair, double divergence);
}

/// <summary>A divergence of rows of logits, in double.</summary>
internal static unsafe class Divergences<TDivergence, T>
    where TDivergence : IDivergence
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Writes the divergence of each row, unless losses is null, and the derivatives times scale, unless a gradient is null. A gradient may be its logits.</summary>
    public static void Run(T* logitsP, T* logitsQ, nint rows, nint length, double* losses, T* gradientP, T* gradientQ, double scale, int maxDegreeOfParallelism)
    {
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (parts == 1)
        {
            RunRows(logitsP, logitsQ, 0, rows, length, losses, gradientP, gradientQ, scale);
        }
        else
        {
            RunInParts(logitsP, logitsQ, rows, length, losses, gradientP, gradientQ, scale, parts, maxDegreeOfParallelism);
        }
    }

    // Apart, because a lambda allocates where its method begins.
    private static void RunInParts(
        T* logitsP, T* logitsQ, nint rows, nint length, double* losses, T* gradientP, T* gradientQ, double scale, int parts, int maxDegreeOfParallelism) =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
            RunRows(logitsP, logitsQ, first, count, length, losses, gradientP, gradientQ, scale));

    private static void RunRows(T* logitsP, T* logitsQ, nint first, nint count, nint length, double* losses, T* gradientP, T* gradientQ, double scale)
    {
        using Scratch<double> scratch = new(DistributionPair.Arrays * length);
        fixed (double* memory = scratch.Span)
        {
            DistributionPair pair = new(memory, length);
            for (nint row = first; row < first + count; row++)
            {
                pair.Read(logitsP + (row * length), logitsQ + (row * length));
                double divergence = TDivergence.Of(pair);
                if (losses != null)
                {
                    losses[row] = divergence;
                }

                if (gradientP == null && gradientQ == null)
                {
                    continue;
                }

                Differentiate(pair, divergence);
                Write(pair.GradientP, scale, length, gradientP, row);
                Write(pair.GradientQ, scale, length, gradientQ, row);
            }
        }
    }

    /// <summary>NaN in the whole row of either side where a distribution is.</summary>
    private static void Differentiate(in DistributionPair pair, double divergence)
    {
        if (double.IsNaN(divergence))
        {
            new Span<double>(pair.GradientP, (int)pair.Length).Fill(double.NaN);
            new Span<double>(pair.GradientQ, (int)pair.Length).Fill(double.NaN);
            return;
        }

        TDivergence.Differentiate(pair, divergence);
        Balance(pair.P, pair.GradientP, pair.Length);
        Balance(pair.Q, pair.GradientQ, pair.Length);
    }

    /// <summary>
    /// The derivatives by logits sum to 0, because what is added to all of them changes nothing: so that of a class with more than half of the probability is minus the sum of the others.
    /// They weigh less than the class, and as little as it is confident, where its own terms are as good as equal. Below one half its own difference loses less than their sum.
    /// </summary>
    private static void Balance(double* distribution, double* derivatives, nint length)
    {
        nint confident = length - 1;
        while (confident >= 0 && !(distribution[confident] > 0.5))
        {
            confident--;
        }

        // Not finite: the divergence is infinite.
        if (confident >= 0 && double.IsFinite(derivatives[confident]))
        {
            derivatives[confident] = 0;
            derivatives[confident] = 0 - Sums.Sum<double>(new(derivatives, (int)length)).Value.Value;
        }
    }

    private static void Write(double* derivatives, double scale, nint length, T* gradient, nint row)
    {
        if (gradient == null)
        {
            return;
        }

        for (nint i = 0; i < length; i++)
        {
            derivatives[i] *= scale;
        }

        Widening.FromDouble(derivatives, length, gradient + (row * length));
    }
}

/// <summary>The Kullback-Leibler divergence, sum p d. By the logits of p its derivative is <c>p (d - divergence)</c>, by those of q it is <c>q - p</c>.</summary>
internal readonly unsafe struct RelativeEntropy : IDivergence
{
    public static double Of(in DistributionPair pair) => InformationRows.KullbackLeibler(pair.P, pair.Q, pair.D, pair.Length);

    /// <summary>q - p as p (e^-d - 1), so that nearly equal distributions keep their difference.</summary>
    public static void Differentiate(in DistributionPair pair, double divergence)
    {
        for (nint i = 0; i < pair.Length; i++)
        {
            double p = pair.P[i], d = pair.D[i];
            pair.GradientP[i] = p == 0 ? 0 : p * (d - divergence);
            pair.GradientQ[i] = Math.Abs(d) < 1 ? p * ScalarFunctions.ExpM1(-d) : pair.Q[i] - p;
        }
    }
}

/// <summary>
/// The Jensen-Shannon divergence, half the divergences of p and of q from their mean m. By the logits of p its derivative is <c>p (log(p / m) - divergence of p from m) / 2</c>, and
/// by those of q likewise.
/// </summary>
/// <remarks>
/// With u = d / 2, <c>log(p / m) = u - log cosh u</c> and <c>log(q / m) = -u - log cosh u</c>: for small u the second term is of the order of u^2, so nothing cancels, and
/// distributions that are nearly the same keep the difference. For large u it would cancel u itself; <c>ln 2 - log(1 + e^-+d)</c> does not.
/// </remarks>
internal readonly unsafe struct JensenShannonDivergence : IDivergence
{
    /// <summary>Below, ln 2 and log(1 + e^-d) cancel; above, u and log cosh u do. At 1 neither loses more than two bits.</summary>
    private const double Near = 1;

    public static double Of(in DistributionPair pair)
    {
        for (nint i = 0; i < pair.Length; i++)
        {
            (pair.First[i], pair.Second[i]) = LogRatiosToMean(pair.D[i]);
            pair.M[i] = 0.5 * (pair.P[i] + pair.Q[i]);
        }

        return 0.5 * (FromMean(pair, pair.P, pair.First) + FromMean(pair, pair.Q, pair.Second));
    }

    public static void Differentiate(in DistributionPair pair, double divergence)
    {
        double ofP = FromMean(pair, pair.P, pair.First), ofQ = FromMean(pair, pair.Q, pair.Second);
        for (nint i = 0; i < pair.Length; i++)
        {
            pair.GradientP[i] = pair.P[i] == 0 ? 0 : 0.5 * pair.P[i] * (pair.First[i] - ofP);
            pair.GradientQ[i] = pair.Q[i] == 0 ? 0 : 0.5 * pair.Q[i] * (pair.Second[i] - ofQ);
        }
    }

    private static double FromMean(in DistributionPair pair, double* distribution, double* logRatios) =>
        InformationRows.KullbackLeibler(distribution, pair.M, logRatios, pair.Length);

    private static (double OfP, double OfQ) LogRatiosToMean(double d)
    {
        double u = 0.5 * d;
        if (Math.Abs(u) < Near)
        {
            double logCosh = Scalar.Of<LogCosh, double>(u);
            return (u - logCosh, -u - logCosh);
        }

        return (Lanes.Ln2 - Scalar.Of<Softplus, double>(-d), Lanes.Ln2 - Scalar.Of<Softplus, double>(d));
    }
}

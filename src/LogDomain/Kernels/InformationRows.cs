using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Entropy and Kullback-Leibler divergence of the distributions that logits give, in double, as sums of terms that are not negative.</summary>
internal static unsafe class InformationRows
{
    /// <summary>Probabilities and their logarithms.</summary>
    public static void Distribution<T>(T* logits, nint length, double* p, double* logP)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Widening.ToDouble(logits, length, logP);
        RowKernels<double>.Best!.SoftMax(logP, p, 1, length, 1);
        RowKernels<double>.Best!.LogSoftMax(logP, logP, 1, length);
    }

    /// <summary>-sum p log p; a p of 0 adds nothing.</summary>
    public static double Entropy(double* p, double* logP, nint length)
    {
        double sum = 0, rest = 0;
        for (nint i = 0; i < length; i++)
        {
            if (p[i] != 0)
            {
                (sum, double error) = LogSumState.TwoSum(sum, -p[i] * logP[i]);
                rest += error;
            }
        }

        return sum + rest;
    }

    /// <summary>
    /// log p - log q: that of the largest p, of two small numbers if it is near 1, plus what the logits differ more or less than there. The logarithms
    /// themselves, where they are large, are rounded more coarsely than they differ.
    /// </summary>
    public static void LogRatios<T>(T* logitsP, T* logitsQ, nint length, double* logP, double* logQ, double* d)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        nint largest = 0;
        for (nint i = 0; i < length; i++)
        {
            largest = logP[i] > logP[largest] ? i : largest;
        }

        (double origin, double originError) = length == 0 ? default : Difference(largest);
        for (nint i = 0; i < length; i++)
        {
            (double difference, double error) = Difference(i);
            double ratio = logP[i] - logQ[i];
            d[i] = double.IsFinite(difference) && double.IsFinite(origin) && double.IsFinite(ratio)
                ? (logP[largest] - logQ[largest]) + ((difference - origin) + (error - originError))
                : ratio;
        }

        (double, double) Difference(nint i) => LogSumState.TwoSum(double.CreateTruncating(logitsP[i]), -double.CreateTruncating(logitsQ[i]));
    }

    /// <summary>sum p d for d = log p - log q.</summary>
    /// <remarks>
    /// As <c>sum p (d + e^-d - 1)</c>, because sum p e^-d = sum q = 1 = sum p: no term is negative, so distributions that are nearly the same do not cancel.
    /// </remarks>
    public static double KullbackLeibler(double* p, double* q, double* d, nint length)
    {
        double sum = 0, rest = 0;
        for (nint i = 0; i < length; i++)
        {
            double term = p[i] == 0 ? q[i] : double.IsPositiveInfinity(d[i]) ? d[i] : Term(p[i], q[i], d[i]);
            (sum, double error) = LogSumState.TwoSum(sum, term);
            rest += double.IsFinite(sum) ? error : 0;
        }

        return sum + rest;
    }

    private static double Term(double p, double q, double d)
    {
        if (!(Math.Abs(d) < 0.5))
        {
            return (q - p) + (p * d);
        }

        // e^-d - 1 + d = d^2/2 - d^3/6 + ...: 0.5^17 / 17! is 2e-20.
        double series = 1.0 / 17;
        for (int n = 16; n >= 3; n--)
        {
            series = Math.FusedMultiplyAdd(-d, series, 1) / n;
        }

        return p * (0.5 * d * d * Math.FusedMultiplyAdd(-d, series, 1));
    }
}

/// <summary>The entropy of softmax(x) in nats.</summary>
internal readonly unsafe struct EntropyOfRows<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        using Scratch<double> scratch = new(2 * length);
        fixed (double* p = scratch.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                InformationRows.Distribution(inputs.X + (row * length), length, p, p + length);
                y[row] = T.CreateTruncating(InformationRows.Entropy(p, p + length, length));
            }
        }
    }
}

/// <summary>The Kullback-Leibler divergence of softmax(x) from softmax(weights), in nats.</summary>
internal readonly unsafe struct KullbackLeiblerOfRows<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        using Scratch<double> scratch = new(DistributionPair.Arrays * length);
        fixed (double* memory = scratch.Span)
        {
            DistributionPair pair = new(memory, length);
            for (nint row = 0; row < rows; row++)
            {
                pair.Read(inputs.X + (row * length), inputs.Weights + (row * length));
                y[row] = T.CreateTruncating(RelativeEntropy.Of(pair));
            }
        }
    }
}

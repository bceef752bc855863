using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>x / t or x * r, as the argument of a softmax, with what its rounding loses.</summary>
/// <remarks>
/// Softmax and log-softmax do not change when the largest z is taken from all: so z = (x - m) / t, whose rounding is that of a small number. Where x = m
/// it is 0, also for t = 0 (the limit: the largest share everything) and t infinite. Minus infinity stays a term of zero, except where t is negative.
/// </remarks>
internal readonly struct Scaling(double factor, bool divides)
{
    private readonly bool _negative = factor < 0;

    /// <summary>The x with the largest z, or NaN where that has no probabilities.</summary>
    public double Origin<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double extreme = _negative ? double.PositiveInfinity : double.NegativeInfinity;
        foreach (T value in x)
        {
            double element = double.CreateTruncating(value);
            extreme = _negative ? Math.Min(extreme, element) : Math.Max(extreme, element);
        }

        return double.IsFinite(extreme) && !double.IsNaN(factor) ? extreme : double.NaN;
    }

    /// <summary>z, and what is to be added to it.</summary>
    public (double High, double Low) Of(double x, double origin)
    {
        if (x == origin || !double.IsFinite(x) || double.IsNaN(origin))
        {
            return (x == origin ? 0 : double.IsFinite(origin) && double.IsInfinity(x) ? double.NegativeInfinity : double.NaN, 0);
        }

        (double difference, double error) = LogSumState.TwoSum(x, -origin);
        double high = divides ? difference / factor : difference * factor;
        if (!double.IsFinite(high) || high == 0)
        {
            return (high, 0);
        }

        double rest = divides
            ? (Math.FusedMultiplyAdd(-high, factor, difference) + error) / factor
            : Math.FusedMultiplyAdd(difference, factor, -high) + (error * factor);
        return (high, double.IsFinite(rest) ? rest : 0);
    }
}

/// <summary>scale * softmax(z) for a <see cref="Scaling"/> z of x.</summary>
/// <remarks>
/// In double. With z = high + low, <c>softmax_i = p_i (1 + low_i) / (1 + sum_j p_j low_j)</c> for p = softmax(high), to first order; low is below 2^-43,
/// because a z below -745 does not count.
/// </remarks>
internal readonly unsafe struct ScaledSoftMax<T>(Scaling scaling, double scale) : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        using Scratch<double> highs = new(length), lows = new(length);
        fixed (double* high = highs.Span, low = lows.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                T* source = inputs.X + (row * length), target = y + (row * length);
                double origin = scaling.Origin(new ReadOnlySpan<T>(source, (int)length));
                for (nint i = 0; i < length; i++)
                {
                    (high[i], low[i]) = scaling.Of(double.CreateTruncating(source[i]), origin);
                }

                RowKernels<double>.Best!.SoftMax(high, high, 1, length, scale);
                double mean = 0;
                for (nint i = 0; i < length; i++)
                {
                    mean += high[i] / scale * low[i];
                }

                mean = double.IsFinite(mean) ? mean : 0;
                for (nint i = 0; i < length; i++)
                {
                    target[i] = T.CreateTruncating(Math.FusedMultiplyAdd(high[i], low[i] - mean, high[i]));
                }
            }
        }
    }
}

/// <summary>log-softmax(z) for a <see cref="Scaling"/> z of x: with z = high + low, <c>log-softmax(high)_i + low_i - sum_j p_j low_j</c>.</summary>
internal readonly unsafe struct ScaledLogSoftMax<T>(Scaling scaling) : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        using Scratch<double> highs = new(length), lows = new(length), probabilities = new(length);
        fixed (double* high = highs.Span, low = lows.Span, p = probabilities.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                T* source = inputs.X + (row * length), target = y + (row * length);
                double origin = scaling.Origin(new ReadOnlySpan<T>(source, (int)length));
                for (nint i = 0; i < length; i++)
                {
                    (high[i], low[i]) = scaling.Of(double.CreateTruncating(source[i]), origin);
                }

                RowKernels<double>.Best!.SoftMax(high, p, 1, length, 1);
                RowKernels<double>.Best!.LogSoftMax(high, high, 1, length);
                double mean = 0;
                for (nint i = 0; i < length; i++)
                {
                    mean += p[i] * low[i];
                }

                for (nint i = 0; i < length; i++)
                {
                    target[i] = T.CreateTruncating(high[i] + (low[i] - mean));
                }
            }
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>x / t or x * r, as the argument of a softmax, with what its rounding loses.</summary>
/// <remarks>
/// Softmax and log-softmax do not change when the largest z is taken from all: so z = (x - m) / t, whose rounding is that of a small number. Where x = m
/// it is 0, also for t = 0 (the limit: the largest share everything) and t infinite. Minus infinity stays a term of zero, except where t is negative.
/// </remarks>
internal readonly unsafe struct Scaling(double factor, bool divides)
{
    // + 0: a temperature of -0 is one of 0.
    private readonly double _factor = factor + 0.0;
    private readonly bool _negative = factor < 0;

    /// <summary>The same as a transform of logits.</summary>
    public LogitTransform Transform => new(double.PositiveInfinity, divides ? _factor : 1 / _factor);

    /// <summary>The x with the largest z, or NaN where that has no probabilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Origin(double* x, nint length)
    {
        double extreme = _negative ? double.PositiveInfinity : double.NegativeInfinity;
        nint i = 0;
        if (length >= 8)
        {
            // Choosing rounds nothing, and a NaN stays.
            Vector512<double> best = Vector512.Create(extreme);
            for (; i <= length - 8; i += 8)
            {
                best = _negative ? Vector512.Min(best, Vector512.Load(x + i)) : Vector512.Max(best, Vector512.Load(x + i));
            }

            for (int lane = 0; lane < 8; lane++)
            {
                extreme = _negative ? Math.Min(extreme, best[lane]) : Math.Max(extreme, best[lane]);
            }
        }

        for (; i < length; i++)
        {
            extreme = _negative ? Math.Min(extreme, x[i]) : Math.Max(extreme, x[i]);
        }

        return double.IsFinite(extreme) && !double.IsNaN(_factor) ? extreme : double.NaN;
    }

    /// <summary>
    /// Replaces each x by z, and writes what is to be added to it. In vectors where the origin is finite and x / t is x times a number: then the rounding of its
    /// reciprocal is in low, as are those of the difference and of the product.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(double* x, double* low, nint length, double origin)
    {
        double scale = divides ? 1 / _factor : _factor;
        nint i = 0;
        if (double.IsFinite(origin) && Math.Abs(scale) is > 1e-200 and < 1e200)
        {
            // 1 / _factor = scale + scale * error, to first order.
            double error = divides ? Math.FusedMultiplyAdd(-scale, _factor, 1) * scale : 0;
            Vector512<double> m = Vector512.Create(origin), s = Vector512.Create(scale), e = Vector512.Create(error);
            for (; i <= length - 8; i += 8)
            {
                Apply(x + i, low + i, m, s, e);
            }

            // The last ones as the others: equal elements have equal results. What is no element lies at the origin.
            if (i < length)
            {
                double* room = stackalloc double[16];
                m.Store(room);
                int count = (int)(length - i);
                new ReadOnlySpan<double>(x + i, count).CopyTo(new(room, 8));
                Apply(room, room + 8, m, s, e);
                new ReadOnlySpan<double>(room, count).CopyTo(new(x + i, count));
                new ReadOnlySpan<double>(room + 8, count).CopyTo(new(low + i, count));
            }

            return;
        }

        for (; i < length; i++)
        {
            (x[i], low[i]) = Of(x[i], origin);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(double* x, double* low, Vector512<double> origin, Vector512<double> scale, Vector512<double> error)
    {
        (Vector512<double> difference, Vector512<double> lost) = Folds.TwoSum(Vector512.Load(x), -origin);
        Vector512<double> high = difference * scale;
        Vector512<double> rest = Vector512.FusedMultiplyAdd(difference, scale, -high) + Vector512.FusedMultiplyAdd(difference, error, lost * scale);
        high.Store(x);

        // Infinite differences and products have no rest.
        Vector512<double> isFinite = Vector512.LessThan(Vector512.Abs(rest), Vector512.Create(double.PositiveInfinity));
        Vector512.ConditionalSelect(isFinite, rest, Vector512<double>.Zero).Store(low);
    }

    /// <summary>sum p low, in eight sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Mean(double* p, double* low, nint length)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        nint i = 0;
        for (; i <= length - 8; i += 8)
        {
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(p + i), Vector512.Load(low + i), sums);
        }

        double sum = 0;
        for (int lane = 0; lane < 8; lane++)
        {
            sum += sums[lane];
        }

        for (; i < length; i++)
        {
            sum = Math.FusedMultiplyAdd(p[i], low[i], sum);
        }

        return sum;
    }

    /// <summary><c>p += p (low - mean)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddParts(double* p, double* low, nint length, double mean)
    {
        for (nint i = 0; i < length; i++)
        {
            p[i] = Math.FusedMultiplyAdd(p[i], low[i] - mean, p[i]);
        }
    }

    /// <summary><c>x += low - mean</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double* x, double* low, nint length, double mean)
    {
        for (nint i = 0; i < length; i++)
        {
            x[i] += low[i] - mean;
        }
    }

    /// <summary>z, and what is to be added to it.</summary>
    public (double High, double Low) Of(double x, double origin)
    {
        if (x == origin || !double.IsFinite(x) || double.IsNaN(origin))
        {
            return (x == origin ? 0 : double.IsFinite(origin) && double.IsInfinity(x) ? double.NegativeInfinity : double.NaN, 0);
        }

        (double difference, double error) = LogSumState.TwoSum(x, -origin);
        double high = divides ? difference / _factor : difference * _factor;
        if (!double.IsFinite(high) || high == 0)
        {
            return (high, 0);
        }

        double rest = divides
            ? (Math.FusedMultiplyAdd(-high, _factor, difference) + error) / _factor
            : Math.FusedMultiplyAdd(difference, _factor, -high) + (error * _factor);
        return (high, double.IsFinite(rest) ? rest : 0);
    }
}

/// <summary>An operation on scaled rows of which not all can be computed in floats.</summary>
internal unsafe interface IScaledRows<T>
    where T : unmanaged
{
    void RunInDouble(T* x, nint rows, nint length, T* y);
}

/// <summary>Scaled rows of float by the kernels that have the temperature in their constants, others, and rows without a frame, in double.</summary>
internal static unsafe class ScaledRows
{
    /// <summary>Elements of 16 bits that are widened together, unless a row has more: 16 KB of float, a tile of the row kernels.</summary>
    private const int ScratchLength = 1 << 12;

    public static void Run<TSelf, T>(in TSelf self, T* x, nint rows, nint length, T* y, Scaling scaling, double scale, bool logarithms)
        where TSelf : struct, IScaledRows<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogitTransform transform = scaling.Transform;
        if (typeof(T) == typeof(double) || !transform.IsTempered)
        {
            self.RunInDouble(x, rows, length, y);
            return;
        }

        bool isWide = typeof(T) == typeof(float);
        nint step = isWide ? rows : nint.Clamp(ScratchLength / nint.Max(1, length), 1, rows);
        using Scratch<float> room = new(isWide ? 0 : step * length);
        fixed (float* wide = room.Span)
        {
            for (nint row = 0; row < rows;)
            {
                nint count = nint.Min(step, rows - row);
                T* source = x + (row * length), target = y + (row * length);
                if (isWide)
                {
                    count = RowKernels<float>.Best!.TemperedSoftMax((float*)source, (float*)target, count, length, transform.Temperature, scale, logarithms);
                }
                else
                {
                    Narrowing<T>.Widen(source, wide, count * length);
                    count = RowKernels<float>.Best!.TemperedSoftMax(wide, wide, count, length, transform.Temperature, scale, logarithms);
                    Narrowing<T>.Narrow(wide, target, count * length);
                }

                if (count == 0)
                {
                    self.RunInDouble(source, 1, length, target);
                    count = 1;
                }

                row += count;
            }
        }
    }
}

/// <summary>scale * softmax(z) for a <see cref="Scaling"/> z of x.</summary>
/// <remarks>
/// In double. With z = high + low, <c>softmax_i = p_i (1 + low_i) / (1 + sum_j p_j low_j)</c> for p = softmax(high), to first order; low is below 2^-43,
/// because a z below -745 does not count. So a result of fewer bits than double needs no low.
/// </remarks>
internal readonly unsafe struct ScaledSoftMax<T>(Scaling scaling, double scale) : IRowOperation<T>, IScaledRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y) => ScaledRows.Run(this, inputs.X, rows, length, y, scaling, scale, logarithms: false);

    public void RunInDouble(T* x, nint rows, nint length, T* y)
    {
        using Scratch<double> highs = new(length), lows = new(length);
        fixed (double* high = highs.Span, low = lows.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                T* source = x + (row * length), target = y + (row * length);
                Widening.ToDouble(source, length, high);
                scaling.Apply(high, low, length, scaling.Origin(high, length));

                RowKernels<double>.Best!.SoftMax(high, high, 1, length, scale);
                if (typeof(T) == typeof(double))
                {
                    double mean = Scaling.Mean(high, low, length) / scale;
                    Scaling.AddParts(high, low, length, double.IsFinite(mean) ? mean : 0);
                }

                Widening.FromDouble(high, length, target);
            }
        }
    }
}

/// <summary>log-softmax(z) for a <see cref="Scaling"/> z of x: with z = high + low, <c>log-softmax(high)_i + low_i - sum_j p_j low_j</c>.</summary>
internal readonly unsafe struct ScaledLogSoftMax<T>(Scaling scaling) : IRowOperation<T>, IScaledRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y) => ScaledRows.Run(this, inputs.X, rows, length, y, scaling, 1, logarithms: true);

    public void RunInDouble(T* x, nint rows, nint length, T* y)
    {
        using Scratch<double> highs = new(length), lows = new(length), probabilities = new(length);
        fixed (double* high = highs.Span, low = lows.Span, p = probabilities.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                T* source = x + (row * length), target = y + (row * length);
                Widening.ToDouble(source, length, high);
                scaling.Apply(high, low, length, scaling.Origin(high, length));

                if (typeof(T) == typeof(double))
                {
                    RowKernels<double>.Best!.SoftMax(high, p, 1, length, 1);
                    RowKernels<double>.Best!.LogSoftMax(high, high, 1, length);
                    Scaling.Add(high, low, length, Scaling.Mean(p, low, length));
                }
                else
                {
                    RowKernels<double>.Best!.LogSoftMax(high, high, 1, length);
                }

                Widening.FromDouble(high, length, target);
            }
        }
    }
}

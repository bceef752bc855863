using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>log(mean e^x), of which log-sum-exp pooling is a rescaled form.</summary>
internal static unsafe class MeanRows
{
    /// <summary>Where a result is this much smaller than the maximum, double no longer decides a float.</summary>
    private const double NearZero = 1e-8;

    public static double LogMeanExp<T>(T* x, nint length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogSumState state = DoubleRows.State(x, length);
        if (!double.IsFinite(state.Max) || length <= 1)
        {
            return length == 0 ? double.NaN : state.Max;
        }

        // (1 + tail) / n = 1 + (tail - (n - 1)) / n: the terms that equal the maximum cancel before anything is rounded. Where few terms do, log n is
        // taken from the logarithm of the sum instead, because 1 + excess would cancel.
        double excess = ((state.Tail - (length - 1)) + state.TailError) / length;
        double y = state.Max + (excess > -0.5 ? ScalarFunctions.Log1P(excess) : state.LogOnePlusTail - ScalarFunctions.Log1P(length - 1));
        if (typeof(T) == typeof(double) || Math.Abs(y) >= NearZero * Math.Abs(state.Max))
        {
            return y;
        }

        using Scratch<double> scratch = new(length + 1);
        fixed (double* wide = scratch.Span)
        {
            Widening.ToDouble(x, length, wide);
        }

        return LogMeanExpNearZero(scratch.Span);
    }

    /// <summary>(1 / r) log(mean e^(r x)).</summary>
    public static double Pool<T>(ReadOnlySpan<T> x, double r)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double max = double.NegativeInfinity, min = double.PositiveInfinity;
        TripleSum sum = default;
        foreach (T value in x)
        {
            double element = double.CreateTruncating(value);
            (max, min) = (Math.Max(max, element), Math.Min(min, element));
            sum.Add(element);
        }

        if (x.IsEmpty || double.IsNaN(max) || double.IsNaN(r))
        {
            return double.NaN;
        }

        // Relative to the range, the result is r (max - min) / 8 from the mean at most: nothing of it is left below this.
        if (Math.Abs(r) * (max - min) < 1e-17 || r == 0)
        {
            return min == max ? max : sum.Value.High / x.Length;
        }

        double origin = r > 0 ? max : min;
        if (!double.IsFinite(origin) || double.IsInfinity(r))
        {
            return origin;
        }

        // e^z - 1 with every z <= 0: terms of one sign, however small r makes them.
        TripleSum excess = default;
        foreach (T value in x)
        {
            excess.Add(ScalarFunctions.ExpM1(r * (double.CreateTruncating(value) - origin)));
        }

        double log = ScalarFunctions.Log1P(excess.Value.High / x.Length);
        if (excess.Value.High < -0.5 * x.Length)
        {
            // As in LogMeanExp: 1 + excess would cancel. The origin is one of the terms.
            TripleSum tail = default;
            tail.Add(-1);
            foreach (T value in x)
            {
                tail.Add(ScalarFunctions.Exp(r * (double.CreateTruncating(value) - origin)));
            }

            log = ScalarFunctions.Log1P(tail.Value.High, tail.Value.Low) - ScalarFunctions.Log1P(x.Length - 1);
        }

        double y = origin + (log / r);
        if (typeof(T) == typeof(double) || Math.Abs(y) >= NearZero * Math.Max(Math.Abs(max), Math.Abs(min)))
        {
            return y;
        }

        // The product of two floats is a double.
        using Scratch<double> scratch = new(x.Length + 1);
        for (int i = 0; i < x.Length; i++)
        {
            scratch.Span[i] = r * double.CreateTruncating(x[i]);
        }

        return LogMeanExpNearZero(scratch.Span) / r;
    }

    /// <summary>log1p(d / n) with d = sum e^x - n as a signed sum, to its last bit. The last of x is room for the term of -n.</summary>
    private static double LogMeanExpNearZero(Span<double> x)
    {
        using Scratch<double> weights = new(x.Length);
        weights.Span.Fill(1);
        int count = x.Length - 1;
        (x[count], weights.Span[count]) = (0, -count);
        (double log, int sign) = CarefulWeightedSum.Of(x, weights.Span);
        return ScalarFunctions.Log1P(sign * ScalarFunctions.Exp(log) / count);
    }
}

/// <summary>log(mean e^x).</summary>
internal readonly unsafe struct LogMeanExpOfRows<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        for (nint row = 0; row < rows; row++)
        {
            y[row] = T.CreateTruncating(MeanRows.LogMeanExp(inputs.X + (row * length), length));
        }
    }
}

/// <summary>(1 / r) log(mean e^(r x)).</summary>
internal readonly unsafe struct LogSumExpPoolOfRows<T>(double sharpness) : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        for (nint row = 0; row < rows; row++)
        {
            y[row] = T.CreateTruncating(MeanRows.Pool(new ReadOnlySpan<T>(inputs.X + (row * length), (int)length), sharpness));
        }
    }
}

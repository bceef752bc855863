using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>The cumulative log-sum-exp of rows, from either end, with or without the element itself.</summary>
internal readonly unsafe struct CumulativeLogSumExpOfRows<T>(bool exclusive, bool reverse) : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Below this the 1e-14 that a plain sum may be wrong by would show in a float.</summary>
    private const double NearZero = 1e-6;

    /// <summary>Where a result is this much smaller than the maximum, double no longer decides a float.</summary>
    private const double NearerZero = 1e-8;

    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        // A result near 0 needs the elements before it again, also where y is x.
        bool copies = typeof(T) != typeof(double) && inputs.X == y;
        using Scratch<T> scratch = new(copies ? length : 0);
        fixed (T* copy = scratch.Span)
        {
            for (nint row = 0; row < rows; row++)
            {
                T* source = inputs.X + (row * length);
                if (copies)
                {
                    new ReadOnlySpan<T>(source, (int)length).CopyTo(scratch.Span);
                    source = copy;
                }

                if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
                {
                    Run<DoubleVector512>(source, length, y + (row * length));
                }
                else
                {
                    Run<DoubleVector256Pair>(source, length, y + (row * length));
                }
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TDouble>(T* x, nint length, T* y)
        where TDouble : unmanaged, IVector<TDouble, double>
    {
        const int Block = CumulativeRow<TDouble>.BlockLength;
        double* sums = stackalloc double[Block + 1], max = stackalloc double[Block], tails = stackalloc double[Block];
        CumulativeRow<TDouble> row = new();
        DoubleDouble excess = new(-1, 0);
        nint included = 0;
        double last = double.NegativeInfinity;
        for (nint start = 0; start < length; start += Block)
        {
            int count = (int)nint.Min(Block, length - start);
            nint first = reverse ? length - start - count : start;
            sums[0] = last;
            Widen(x + first, count, sums + 1);
            if (typeof(T) == typeof(double))
            {
                row.Next(sums + 1, count, max, tails);
            }
            else
            {
                CumulativeRow<TDouble> before = row;
                if (!(row.NextPlain(sums + 1, count) >= NearZero))
                {
                    row = before;
                    Widen(x + first, count, sums + 1);
                    row.Next(sums + 1, count, max, tails);
                    for (int i = 0; i < count; i++)
                    {
                        // A maximum that is as near to 0 has not cancelled, and the blocks in which it was have been summed with care.
                        double size = Math.Abs(sums[i + 1]), largest = Math.Abs(max[i]);
                        if (size < NearZero && (largest >= NearZero || size < NearerZero * largest))
                        {
                            sums[i + 1] = NearZeroSum(x, length, start + i + 1, ref excess, ref included);
                        }
                    }
                }
            }

            last = sums[count];
            double* results = exclusive ? sums : sums + 1;
            if (reverse)
            {
                new Span<double>(results, count).Reverse();
            }

            Widening.FromDouble(results, count, y + first);
        }
    }

    /// <summary>Writes the maximum and the tail of every beginning of a row, e^y = e^max (1 + tail), in the order of summation.</summary>
    public static void States(double* x, nint length, double* max, double* tails)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            States<DoubleVector512>(x, length, max, tails);
        }
        else
        {
            States<DoubleVector256Pair>(x, length, max, tails);
        }
    }

    private static void States<TDouble>(double* x, nint length, double* max, double* tails)
        where TDouble : unmanaged, IVector<TDouble, double>
    {
        const int Block = CumulativeRow<TDouble>.BlockLength;
        double* sums = stackalloc double[Block], tail = stackalloc double[Block];
        CumulativeRow<TDouble> row = new();
        for (nint start = 0; start < length; start += Block)
        {
            int count = (int)nint.Min(Block, length - start);
            new ReadOnlySpan<double>(x + start, count).CopyTo(new(sums, count));
            row.Next(sums, count, max + start, tail);
            new ReadOnlySpan<double>(tail, count).CopyTo(new(tails + start, count));
        }
    }

    /// <summary>Elements in the order of summation.</summary>
    private void Widen(T* x, int count, double* y)
    {
        Widening.ToDouble(x, count, y);
        if (reverse)
        {
            new Span<double>(y, count).Reverse();
        }
    }

    /// <summary>log1p(sum e^x - 1) over the first elements, from what was summed for those before.</summary>
    private double NearZeroSum(T* x, nint length, nint count, ref DoubleDouble excess, ref nint included)
    {
        for (; included < count; included++)
        {
            double value = double.CreateTruncating(x[reverse ? length - 1 - included : included]);
            excess += value < -105 ? default : DoubleDouble.Exp(value);
        }

        return ScalarFunctions.Log1P(excess.High, excess.Low);
    }
}

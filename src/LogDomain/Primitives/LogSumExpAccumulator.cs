using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Kernels;

namespace LogDomain;

/// <summary>
/// The running state of <c>log(sum_i e^(x_i))</c>: add logarithms one by one or span by span, merge states of parts, send them as bytes. Every order
/// and every way to cut the data into parts gives the same state and the same results, bit for bit.
/// </summary>
/// <remarks>
/// <para>
/// <c>default</c> is the empty sum. A struct of 128 bytes: a copy is a state of its own, and adding to one of them needs a lock of the caller where
/// threads share it. The bits do not depend on the instruction set either, nor on whether a number came as float, double, Half or BFloat16.
/// </para>
/// <para>
/// How: the state is <c>(max, tail)</c>, the log-sum state of this library. Every term of the tail is rounded once to a double, as a function of its x
/// alone, and split at fixed powers of two, 52 bits apart, into integers, whose sums have no order (binned summation, after Demmel and Nguyen, "Parallel
/// reproducible summation", IEEE Transactions on Computers 64, 2015). The second largest x places three such bins: terms are right to e^-71 of its, and
/// below e^-109 of it they add nothing. The largest x stays outside, so that one term that dominates does not hide the others.
/// </para>
/// <para>
/// Special values: -infinity counts and adds nothing; +infinity makes the sum +infinity; NaN makes it NaN, also beside +infinity. Values never throw.
/// </para>
/// </remarks>
public partial struct LogSumExpAccumulator
{
    private long _count;

    // Largest x if there is any, -infinity included; zero in the empty state, so that default is it. The tail is empty where this is not finite.
    private double _max;
    private BinnedTail _tail;

    /// <summary>How many logarithms were added, those of -infinity included.</summary>
    public readonly long Count => _count;

    /// <summary>
    /// <c>log(sum_i e^(x_i))</c>; -infinity for the empty sum; x itself for a single x (0 for -0).
    /// </summary>
    /// <remarks>
    /// <c>max + log1p(tail)</c>. Within 2 ulp of the largest of |result|, |max x| and log n; of the result itself if it is 1 or more in magnitude, and within 3 if max x
    /// is not below 0. A maximum below 0 may cancel; then the error stays below 2.7e-16. Equal x, and two x, come out within 1 ulp of the
    /// result or of 1e-12.
    /// </remarks>
    public readonly double Value
    {
        get
        {
            double max = Max;
            return double.IsFinite(max) ? Sum(max, BinnedLogarithm.OfOnePlus(_tail.RelativeTo(max).Sum)) : max;
        }
    }

    /// <summary><c>log((1/n) sum_i e^(x_i))</c>, the logarithm of the mean, n being <see cref="Count"/>; NaN for the empty sum.</summary>
    /// <remarks>Accuracy as <see cref="Value"/>. n equal x give x.</remarks>
    public readonly double LogMean
    {
        get
        {
            double max = Max;
            if (!double.IsFinite(max))
            {
                return _count == 0 ? double.NaN : max;
            }

            DoubleDouble logCount = BinnedLogarithm.OfOnePlus(BinnedLogarithm.Of(_count - 1));
            return Sum(max, BinnedLogarithm.OfOnePlus(_tail.RelativeTo(max).Sum) + new DoubleDouble(-logCount.High, -logCount.Low));
        }
    }

    /// <summary><c>log(sum_i e^(2 x_i))</c>, the logarithm of the sum of the squared weights e^x; -infinity for the empty sum.</summary>
    /// <remarks>Accuracy as <see cref="Value"/>. A sum of its own, not taken from <see cref="Value"/>.</remarks>
    public readonly double LogSumOfSquares
    {
        get
        {
            double max = Max;
            return double.IsFinite(max) ? Sum(2 * max, BinnedLogarithm.OfOnePlus(_tail.RelativeTo(max).Squares)) : max;
        }
    }

    /// <summary>
    /// The effective sample size of the weights w = e^x, <c>(sum w)^2 / sum w^2</c> (Kish 1965): from 1, one weight dominates, to <see cref="Count"/>,
    /// all are equal. 0 where no weight is above 0; NaN where x was +infinity or NaN.
    /// </summary>
    /// <remarks>Within 4 ulp; n times the same x give n.</remarks>
    public readonly double EffectiveSampleSize
    {
        get
        {
            double max = Max;
            if (!double.IsFinite(max))
            {
                return double.IsNegativeInfinity(max) ? 0 : double.NaN;
            }

            DoubleDouble ratio = SquaredSumOverSumOfSquares(max);
            return Math.Min(ratio.High + ratio.Low, _count);   // squares are rounded: their sum may be an ulp too small
        }
    }

    /// <summary>
    /// The standard error of the mean weight, as a part of that mean: <c>s / (sqrt(n) m)</c> with the mean m and the standard deviation s (divisor n - 1) of
    /// the n weights e^x. To first order it is the standard error of <see cref="LogMean"/>. NaN below two weights, or where their mean is 0, infinite or NaN.
    /// </summary>
    /// <remarks>
    /// <c>sqrt((n / EffectiveSampleSize - 1) / (n - 1))</c>. 0 for equal weights. Weights that differ by less than 1e-8 of themselves are beyond the
    /// accuracy of a sum of squares.
    /// </remarks>
    public readonly double RelativeStandardError
    {
        get
        {
            double max = Max;
            if (!double.IsFinite(max) || _count < 2)
            {
                return double.NaN;
            }

            DoubleDouble ratio = BinnedLogarithm.Divide(BinnedLogarithm.Of(_count), SquaredSumOverSumOfSquares(max));
            DoubleDouble excess = ratio + new DoubleDouble(-1, 0);
            return Math.Sqrt(Math.Max(0, excess.High) / (_count - 1));
        }
    }

    /// <summary>What all results are computed from: -infinity for no term, a number, +infinity or NaN.</summary>
    private readonly double Max => _count == 0 ? double.NegativeInfinity : _max;

    /// <summary>Adds e^x to the sum.</summary>
    /// <param name="x">A logarithm, in nats.</param>
    /// <exception cref="OverflowException"><see cref="Count"/> would exceed 2^63 - 1. Nothing was added.</exception>
    public void Add(double x)
    {
        CheckCount(1);
        Include(x);
        _count++;
    }

    /// <summary>Adds e^x to the sum for every x; the same as one after the other, faster.</summary>
    /// <typeparam name="T">float, double, Half or <see cref="BFloat16"/>, all taken as the doubles that they are.</typeparam>
    /// <param name="x">Logarithms, in nats.</param>
    /// <exception cref="NotSupportedException">T is another type.</exception>
    /// <exception cref="OverflowException"><see cref="Count"/> would exceed 2^63 - 1. Nothing was added.</exception>
    [SkipLocalsInit]
    public unsafe void Add<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        CheckCount(x.Length);
        float* wide = stackalloc float[sizeof(T) == 2 ? BinnedBlocks.Length : 1];
        fixed (T* source = x)
        {
            for (int start = 0; start < x.Length; start += BinnedBlocks.Length)
            {
                int length = Math.Min(BinnedBlocks.Length, x.Length - start);
                if (sizeof(T) == 2)
                {
                    Narrowing<T>.Widen(source + start, wide, length);
                    IncludeBlock(wide, length);
                }
                else
                {
                    IncludeBlock(source + start, length);
                }
            }
        }
    }

    /// <summary>Adds all terms of another state: <c>Value</c> becomes log(e^Value + e^other.Value), as if every x of the other had been added here.</summary>
    /// <param name="other">The other state, which may be this one.</param>
    /// <exception cref="OverflowException">The counts add up to more than 2^63 - 1. Nothing was added.</exception>
    public void Merge(in LogSumExpAccumulator other)
    {
        CheckCount(other._count);
        if (Unsafe.AreSame(in this, in other))
        {
            LogSumExpAccumulator copy = other;
            Merge(copy);
            return;
        }

        Include(other.Max);
        if (double.IsFinite(_max))
        {
            _tail.Add(other._tail);
        }

        _count += other._count;
        if (_count == 0)
        {
            _max = 0;
        }
    }

    private void CheckCount(long added)
    {
        if (_count > long.MaxValue - added)
        {
            throw new OverflowException($"Count is {_count}, and {added} more would exceed {long.MaxValue}.");
        }
    }

    /// <summary>Takes one x, without counting it: the smaller of it and the largest joins the tail.</summary>
    private void Include(double x)
    {
        double max = Max;
        x += 0.0;   // one zero
        _max = Math.Max(max, x);
        if (!double.IsFinite(_max))
        {
            _max = double.IsNaN(_max) ? double.NaN : _max;   // one NaN
            _tail = default;
            return;
        }

        double smaller = Math.Min(max, x);
        if (!double.IsNegativeInfinity(smaller))
        {
            _tail.Add(smaller);
        }
    }

    /// <summary>Takes and counts up to <see cref="BinnedBlocks.Length"/> floats or doubles.</summary>
    private unsafe void IncludeBlock<T>(T* x, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Few = 4;   // cost less one by one
        if (length >= Few && !_tail.IsEmpty && BinnedBlocks.Takes(_tail.Largest))
        {
            // Most blocks change neither of the two largest, which this finds out on the way.
            BinnedTail tail = _tail;
            if (BinnedBlocks.Add(x, length, ref tail) <= _tail.Largest)
            {
                _tail = tail;
                _count += length;
                return;
            }
        }

        double max = Max;
        double largest = double.NaN, second = double.NaN;
        bool numbers = length >= Few && BinnedBlocks.TwoLargest(x, length, out largest, out second);
        second = Math.Max(second, Math.Min(max, largest));
        if (!numbers || !(max < double.PositiveInfinity) || !BinnedBlocks.Takes(_tail.IsEmpty ? second : Math.Max(second, _tail.Largest)))
        {
            // A few, or a NaN or an infinity, or terms beyond what the vectors compute: one by one.
            for (int i = 0; i < length; i++)
            {
                Include(double.CreateTruncating(x[i]));
                _count++;
            }

            return;
        }

        _count += length;
        _tail.RaiseTo(second);
        BinnedBlocks.Add(x, length, ref _tail);
        if (largest > max)
        {
            // The sum took the new maximum as the second largest. The old one joins the tail in its place.
            _tail.Remove(_tail.Largest);
            _max = largest;
            if (!double.IsNegativeInfinity(max))
            {
                _tail.Add(max);
            }
        }
    }

    private readonly DoubleDouble SquaredSumOverSumOfSquares(double max)
    {
        (DoubleDouble tail, DoubleDouble squares) = _tail.RelativeTo(max);
        DoubleDouble one = new(1, 0), sum = one + tail;
        return BinnedLogarithm.Divide(sum * sum, one + squares);
    }

    private static double Sum(double max, DoubleDouble log)
    {
        if (!double.IsFinite(max))
        {
            return max;   // twice a number beyond 9e307
        }

        DoubleDouble sum = new DoubleDouble(max, 0) + log;
        return sum.High + sum.Low;
    }
}

using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// Log-sum-exp, softmax and log-softmax of one row, for one element type and one vector width.
/// </summary>
/// <remarks>
/// A row is cut into blocks of a fixed number of elements, a block into vectors that go to four chains in turn, and all
/// partial results are joined in index order. So the bits depend on the row's values and length and on nothing else.
/// </remarks>
[SkipLocalsInit]   // else every call clears its stack buffers
internal static unsafe class RowKernel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    private const int Chains = 4;

    /// <summary>
    /// Vectors that one chain of an anchored sum may take: 32 weights of at most 2^(Bias + 0.51) stay below the anchor, 2^(Bias + 6).
    /// </summary>
    private const int ChainLength = 32;

    /// <summary>Elements of a block: 8 KB, so that its second reading comes from the first-level cache.</summary>
    public static int BlockLength => Chains * ChainLength * TVector.Count;

    /// <summary>The state of a row: blocks apart, then merged from left to right.</summary>
    public static LogSumState State(T* x, nint length)
    {
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length; start += BlockLength)
        {
            state = LogSumState.Merge(state, BlockState(x + start, (int)nint.Min(BlockLength, length - start)));
        }

        return state;
    }

    /// <summary>Writes <c>scale * softmax(x)</c>; x and y may be the same.</summary>
    public static void SoftMax(T* x, T* y, nint length, double scale = 1)
    {
        double max = double.NegativeInfinity;
        for (nint start = 0; start < length; start += BlockLength)
        {
            max = Math.Max(max, Largest(x + start, (int)nint.Min(BlockLength, length - start)).First);
        }

        if (!double.IsFinite(max))
        {
            new Span<T>(y, (int)length).Fill(Number(double.NaN));
            return;
        }

        if (Math.Abs(max) > Weights<TVector, T>.Far)
        {
            Subtract(x, y, length, max, 0);
            x = y;
            max = 0;
        }

        double sum = 0, sumError = 0;
        for (nint start = 0; start < length; start += BlockLength)
        {
            int count = (int)nint.Min(BlockLength, length - start);
            (double high, double low) = Sum<Stored>(x + start, y + start, count, max);
            (sum, double error) = LogSumState.TwoSum(sum, high);
            sumError += error + low;
        }

        Multiply(y, length, sum, sumError, scale);
    }

    /// <summary>Writes log-softmax(x); x and y may be the same.</summary>
    public static void LogSoftMax(T* x, T* y, nint length)
    {
        LogSumState state = State(x, length);
        if (double.IsFinite(state.Max))
        {
            Subtract(x, y, length, state.Max, state.LogOnePlusTail);
        }
        else
        {
            new Span<T>(y, (int)length).Fill(Number(double.NaN));
        }
    }

    /// <summary>
    /// With the largest element m1 and the second largest m2 (the same where it occurs twice), the sum is taken over min(x, m2)
    /// in the frame of m2. It holds m2 once for itself and once in place of m1, so tail = (sum - w(m2)) / w(m1): no element is
    /// compared or left out in the inner loop, and the tail is as accurate as if m1 had never been there.
    /// </summary>
    private static LogSumState BlockState(T* x, int count)
    {
        (double first, double second) = Largest(x, count);
        if (!double.IsFinite(first))
        {
            return new(HasNaN(x, count) ? double.NaN : first, 0);
        }

        if (Math.Abs(first) > Weights<TVector, T>.Far)
        {
            T* shifted = stackalloc T[BlockLength];
            Subtract(x, shifted, count, first, 0);
            LogSumState state = BlockState(shifted, count);
            return new(double.IsNaN(state.Max) ? double.NaN : first, state.Tail, state.TailError);
        }

        double exponent = Weights<TVector, T>.Exponent(first);
        (double high, double low) = Sum<Clipped>(x, null, count, second);
        if (double.IsNaN(high))
        {
            return new(double.NaN, 0);
        }

        if (double.IsNegativeInfinity(second))
        {
            return new(first, 0);
        }

        double secondExponent = Weights<TVector, T>.Exponent(second);
        (double power1, double s1) = Weight(first, exponent);
        (double power2, double s2) = Weight(second, secondExponent);
        (double rest, double restError) = LogSumState.TwoSum(high, -power2);
        restError += Math.FusedMultiplyAdd(-power2, s2, low);

        // rest / (power1 * (1 + s1)), and what the rounding of the quotient lost.
        double divisor = Math.FusedMultiplyAdd(power1, s1, power1);
        double divisorError = Math.FusedMultiplyAdd(power1, s1, power1 - divisor);
        double tail = (rest + restError) / divisor;
        double remainder = Math.FusedMultiplyAdd(-tail, divisor, rest);
        double tailError = (remainder + restError - (tail * divisorError)) / divisor;
        int shift = (int)Math.Max(secondExponent - exponent, -5000);
        return new(first, Math.ScaleB(tail, shift), Math.ScaleB(tailError, shift));
    }

    /// <summary>The two largest elements of a block, as numbers. A NaN may leave any value here; the sums that follow keep it.</summary>
    private static (double First, double Second) Largest(T* x, int count)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        TVector a1 = lowest, a2 = lowest, b1 = lowest, b2 = lowest;
        int i = 0;
        for (; i <= count - (2 * TVector.Count); i += 2 * TVector.Count)
        {
            TVector a = TVector.Load(x + i), b = TVector.Load(x + i + TVector.Count);
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            b2 = TVector.Max(b2, TVector.Min(b1, b));
            a1 = TVector.Max(a1, a);
            b1 = TVector.Max(b1, b);
        }

        if (i <= count - TVector.Count)
        {
            TVector a = TVector.Load(x + i);
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            a1 = TVector.Max(a1, a);
            i += TVector.Count;
        }

        if (i < count)
        {
            TVector b = Last(x, count, count - i, lowest);
            b2 = TVector.Max(b2, TVector.Min(b1, b));
            b1 = TVector.Max(b1, b);
        }

        T* lanes = stackalloc T[2 * TVector.Count];
        TVector.Max(a1, b1).Store(lanes);
        TVector.Max(TVector.Min(a1, b1), TVector.Max(a2, b2)).Store(lanes + TVector.Count);
        double first = double.NegativeInfinity, second = first;
        for (int lane = 0; lane < TVector.Count; lane++)
        {
            double value = Number(lanes[lane]);
            second = Math.Max(Math.Max(second, Number(lanes[TVector.Count + lane])), Math.Min(first, value));
            first = Math.Max(first, value);
        }

        return (first + 0.0, second);   // + 0.0: a maximum of -0 is +0 on every machine
    }

    /// <summary>
    /// The sum of the weights of a block in the frame of <paramref name="max"/>, in units of 2^-Bias of it, as (high, low).
    /// <see cref="Stored"/> writes the weights to y; <see cref="Clipped"/> takes elements above max as max.
    /// </summary>
    /// <remarks>
    /// Four chains, each with an anchored sum (Fast2Sum, Dekker 1971): an accumulator that starts at an anchor so large that it
    /// stays in its binade rounds every addition to the same grid, so what it took, <c>(sum + w) - sum</c>, is exact. What it left,
    /// <c>power * (1 + s) - taken</c>, holds the rounding of the weight too and goes to a second accumulator, whose own roundings are
    /// those of numbers below the grid. A plain sum would round many equal weights all the same way, by several ulp.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double High, double Low) Sum<TMode>(T* x, T* y, int count, double max)
    {
        double exponent = double.IsFinite(max) ? Weights<TVector, T>.Exponent(max) : 0;
        TVector frame = Weights<TVector, T>.Frame(exponent);
        TVector lowest = TVector.Create((double.IsFinite(max) ? max : 0) - Weights<TVector, T>.Reach);
        TVector highest = TVector.Create(max);
        TVector anchor = TVector.Create(Anchor);
        TVector sum0 = anchor, sum1 = anchor, sum2 = anchor, sum3 = anchor;
        TVector rest0 = TVector.Create(0), rest1 = rest0, rest2 = rest0, rest3 = rest0;

        // Read before anything is written, because y may be x.
        int tail = count % TVector.Count;
        TVector last = tail == 0 ? highest : Last(x, count, tail, TVector.Create(double.NegativeInfinity));
        TVector lastRaw = tail == 0 ? highest : Last(x, count, tail);

        int i = 0;
        for (; i <= count - (Chains * TVector.Count); i += Chains * TVector.Count)
        {
            Add<TMode>(TVector.Load(x + i), y + i, lowest, highest, frame, ref sum0, ref rest0);
            Add<TMode>(TVector.Load(x + i + TVector.Count), y + i + TVector.Count, lowest, highest, frame, ref sum1, ref rest1);
            Add<TMode>(TVector.Load(x + i + (2 * TVector.Count)), y + i + (2 * TVector.Count), lowest, highest, frame, ref sum2, ref rest2);
            Add<TMode>(TVector.Load(x + i + (3 * TVector.Count)), y + i + (3 * TVector.Count), lowest, highest, frame, ref sum3, ref rest3);
        }

        for (; i <= count - TVector.Count; i += TVector.Count)
        {
            Add<TMode>(TVector.Load(x + i), y + i, lowest, highest, frame, ref sum0, ref rest0);
        }

        if (tail != 0)
        {
            Add<Clipped>(last, null, lowest, highest, frame, ref sum3, ref rest3);
            if (typeof(TMode) == typeof(Stored))
            {
                TVector power = Weights<TVector, T>.Of(lastRaw, lowest, frame, out TVector s);
                TVector weight = TVector.FusedMultiplyAdd(power, s, power);
                StoreLast(weight, y, count, tail);
            }
        }

        return Total(sum0, sum1, sum2, sum3, (rest0 + rest1) + (rest2 + rest3));
    }

    /// <summary>Joins the chains: exactly in pairs (both are multiples of one grid and their sum needs a bit more), then lane by lane.</summary>
    private static (double High, double Low) Total(TVector sum0, TVector sum1, TVector sum2, TVector sum3, TVector rest)
    {
        TVector anchor = TVector.Create(Anchor);
        T* lanes = stackalloc T[3 * TVector.Count];
        ((sum0 - anchor) + (sum1 - anchor)).Store(lanes);
        ((sum2 - anchor) + (sum3 - anchor)).Store(lanes + TVector.Count);
        rest.Store(lanes + (2 * TVector.Count));
        double high = 0, low = 0;
        for (int lane = 0; lane < TVector.Count; lane++)
        {
            // Below the grid of float, double has room for all; in double the sum of the pair can lose a bit, which TwoSum keeps.
            double pair = Number(lanes[lane]) + Number(lanes[TVector.Count + lane]);
            if (typeof(T) == typeof(double))
            {
                low += (Number(lanes[lane]) - pair) + Number(lanes[TVector.Count + lane]);
                (high, double error) = LogSumState.TwoSum(high, pair);
                low += error + Number(lanes[(2 * TVector.Count) + lane]);
            }
            else
            {
                high += pair + Number(lanes[(2 * TVector.Count) + lane]);
            }
        }

        return (high, low);
    }

    /// <summary>The weight of one number as (power, s).</summary>
    private static (double Power, double S) Weight(double x, double exponent)
    {
        TVector value = TVector.Create(x);
        TVector power = Weights<TVector, T>.Of(value, value, Weights<TVector, T>.Frame(exponent), out TVector s);
        T* lanes = stackalloc T[2 * TVector.Count];
        power.Store(lanes);
        s.Store(lanes + TVector.Count);
        return (Number(lanes[0]), Number(lanes[TVector.Count]));
    }

    /// <summary>The last elements of a block in the last lanes, <paramref name="padding"/> in the others.</summary>
    private static TVector Last(T* x, int count, int last, TVector padding)
    {
        if (count >= TVector.Count)
        {
            return TVector.Select(TVector.MaskOfLast(last), TVector.Load(x + count - TVector.Count), padding);
        }

        T* lanes = stackalloc T[TVector.Count];
        padding.Store(lanes);
        new Span<T>(x + count - last, last).CopyTo(new Span<T>(lanes + TVector.Count - last, last));
        return TVector.Load(lanes);
    }

    private static bool HasNaN(T* x, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (double.IsNaN(Number(x[i])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>y = (x - high) - low</c> with high + low = max + log: at the maximum high cancels, and -log stays to its last bit.</summary>
    private static void Subtract(T* x, T* y, nint length, double max, double log)
    {
        double high = Number(Number(max + log));
        TVector highs = TVector.Create(high), lows = TVector.Create((max - high) + log);
        nint i = 0;
        nint tail = length % TVector.Count;
        TVector last = tail == 0 ? highs : Last(x, length, tail);
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            ((TVector.Load(x + i) - highs) - lows).Store(y + i);
        }

        if (tail != 0)
        {
            StoreLast((last - highs) - lows, y, length, tail);
        }
    }

    /// <summary>
    /// <c>y = y * scale / sum</c>. The factor is a pair (high, low), so that what remains is one rounding.
    /// </summary>
    private static void Multiply(T* y, nint length, double sum, double sumError, double scale)
    {
        double quotient = scale / sum;
        double remainder = (Math.FusedMultiplyAdd(-quotient, sum, scale) - (quotient * sumError)) / sum;
        double high = Number(Number(quotient));
        TVector highs = TVector.Create(high), lows = TVector.Create((quotient - high) + remainder);
        nint i = 0;
        nint tail = length % TVector.Count;
        TVector last = tail == 0 ? highs : Last(y, length, tail);
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            TVector w = TVector.Load(y + i);
            TVector.FusedMultiplyAdd(w, highs, w * lows).Store(y + i);
        }

        if (tail != 0)
        {
            StoreLast(TVector.FusedMultiplyAdd(last, highs, last * lows), y, length, tail);
        }
    }

    /// <summary>The last elements of a row in the last lanes; in the others what stands before them, if the row is long enough.</summary>
    private static TVector Last(T* x, nint length, nint last) =>
        length >= TVector.Count
            ? TVector.Load(x + length - TVector.Count)
            : Last(x, (int)length, (int)last, TVector.Create(0));

    /// <summary>Writes a vector over the end of a row: as a whole where the row is long enough, else its last lanes.</summary>
    private static void StoreLast(TVector value, T* y, nint length, nint last)
    {
        if (length >= TVector.Count)
        {
            value.Store(y + length - TVector.Count);
            return;
        }

        T* lanes = stackalloc T[TVector.Count];
        value.Store(lanes);
        new Span<T>(lanes + TVector.Count - last, (int)last).CopyTo(new Span<T>(y, (int)last));
    }

    private static double Number(T value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    private static T Number(double value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);

    /// <summary>2^(Bias + 6), above the sum of one chain.</summary>
    private static double Anchor => typeof(T) == typeof(float) ? 1.1805916207174113E+21 : 8.580997075163262E+155;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TMode>(
        TVector x, T* y, TVector lowest, TVector highest, TVector frame, ref TVector sum, ref TVector rest)
    {
        if (typeof(TMode) == typeof(Clipped))
        {
            x = TVector.Min(highest, x);
        }

        TVector power = Weights<TVector, T>.Of(x, lowest, frame, out TVector s);
        TVector weight = TVector.FusedMultiplyAdd(power, s, power);
        if (typeof(TMode) == typeof(Stored))
        {
            weight.Store(y);
        }

        TVector next = sum + weight;
        TVector taken = next - sum;
        rest += TVector.FusedMultiplyAdd(power, s, power - taken);
        sum = next;
    }
}

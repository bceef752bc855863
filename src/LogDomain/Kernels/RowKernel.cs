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

    /// <summary>Elements that the chains take in one turn.</summary>
    private static int Group
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Chains * TVector.Count;
    }

    /// <summary>
    /// Vectors that one chain of an anchored sum may take: 32 weights of at most 2^(Bias + 0.51) stay below the anchor, 2^(Bias + 6).
    /// </summary>
    private const int ChainLength = 32;

    /// <summary>Elements of a block: 8 KB, so that its second reading comes from the first-level cache.</summary>
    public static int BlockLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Chains * ChainLength * TVector.Count;
    }

    /// <summary>The state of a row: blocks apart, then merged from left to right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LogSumState State(T* x, nint length)
    {
        LogSumState state = BlockState(x, (int)nint.Min(BlockLength, length));
        for (nint start = BlockLength; start < length; start += BlockLength)
        {
            state = LogSumState.Merge(state, BlockState(x + start, (int)nint.Min(BlockLength, length - start)));
        }

        return state;
    }

    /// <summary>Writes <c>scale * softmax(x)</c>; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        T* powers = stackalloc T[TVector.Count];
        T* errors = stackalloc T[TVector.Count];
        Weight(first, exponent, second, secondExponent, powers, errors);
        double power1 = Number(powers[0]), s1 = Number(errors[0]), power2 = Number(powers[1]), s2 = Number(errors[1]);
        (double rest, double restError) = LogSumState.TwoSum(high, -power2);
        restError += Math.FusedMultiplyAdd(-power2, s2, low);

        // rest / (power1 * (1 + s1)), and what the rounding of the quotient lost.
        double divisor = Math.FusedMultiplyAdd(power1, s1, power1);
        double divisorError = Math.FusedMultiplyAdd(power1, s1, power1 - divisor);
        double tail = (rest + restError) / divisor;
        double remainder = Math.FusedMultiplyAdd(-tail, divisor, rest);
        double tailError = (remainder + restError - (tail * divisorError)) / divisor;
        double shift = secondExponent - exponent;
        return new(first, ScalarFunctions.Scale(tail, shift), ScalarFunctions.Scale(tailError, shift));
    }

    /// <summary>The two largest elements of a block, as numbers. A NaN may leave any value here; the sums that follow keep it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (double First, double Second) Largest(T* x, int count)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        TVector a1 = lowest, a2 = lowest, b1 = lowest, b2 = lowest;
        T* padded = stackalloc T[Group];
        for (int i = 0; i < count; i += Group)
        {
            T* source = count - i < Group ? Pad(x + i, count - i, padded) : x + i;
            TVector a = TVector.Load(source), b = TVector.Load(source + TVector.Count);
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            b2 = TVector.Max(b2, TVector.Min(b1, b));
            a1 = TVector.Max(a1, a);
            b1 = TVector.Max(b1, b);
            a = TVector.Load(source + (2 * TVector.Count));
            b = TVector.Load(source + (3 * TVector.Count));
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            b2 = TVector.Max(b2, TVector.Min(b1, b));
            a1 = TVector.Max(a1, a);
            b1 = TVector.Max(b1, b);
        }

        (double first, double second) = TVector.TwoLargest(
            TVector.Max(a1, b1), TVector.Max(TVector.Min(a1, b1), TVector.Max(a2, b2)));
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
    internal static (double High, double Low) Sum<TMode>(T* x, T* y, int count, double max)
    {
        // With all others at -infinity there is no frame; any will do, because the result is not used then.
        double origin = double.IsFinite(max) ? max : 0;
        TVector frame = Weights<TVector, T>.Frame(Weights<TVector, T>.Exponent(origin));
        TVector lowest = TVector.Create(origin - Weights<TVector, T>.Reach);
        TVector highest = TVector.Create(max);
        TVector anchor = TVector.Create(Anchor);
        TVector sum0 = anchor, sum1 = anchor, sum2 = anchor, sum3 = anchor;
        TVector rest0 = TVector.Create(0), rest1 = rest0, rest2 = rest0, rest3 = rest0;
        T* padded = stackalloc T[Group];
        for (int i = 0; i < count; i += Group)
        {
            T* source = x + i, target = y + i;
            if (count - i < Group)
            {
                source = target = Pad(source, count - i, padded);
            }

            Add<TMode>(source, target, lowest, highest, frame, ref sum0, ref rest0);
            Add<TMode>(source + TVector.Count, target + TVector.Count, lowest, highest, frame, ref sum1, ref rest1);
            Add<TMode>(source + (2 * TVector.Count), target + (2 * TVector.Count), lowest, highest, frame, ref sum2, ref rest2);
            Add<TMode>(source + (3 * TVector.Count), target + (3 * TVector.Count), lowest, highest, frame, ref sum3, ref rest3);
        }

        if (typeof(TMode) == typeof(Stored))
        {
            int rest = count % Group;
            Copy(padded, y + count - rest, rest);
        }

        // In pairs the chains join without rounding: multiples of one grid, whose sum needs no more than the bits there are.
        return TVector.Total((sum0 - anchor) + (sum1 - anchor), (sum2 - anchor) + (sum3 - anchor), (rest0 + rest1) + (rest2 + rest3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TMode>(
        T* source, T* target, TVector lowest, TVector highest, TVector frame, ref TVector sum, ref TVector rest)
    {
        TVector x = TVector.Load(source);
        if (typeof(TMode) == typeof(Clipped))
        {
            x = TVector.Min(highest, x);
        }

        TVector power = Weights<TVector, T>.Of(x, lowest, frame, out TVector s);
        TVector weight = TVector.FusedMultiplyAdd(power, s, power);
        if (typeof(TMode) == typeof(Stored))
        {
            weight.Store(target);
        }

        TVector next = sum + weight;
        TVector taken = next - sum;
        rest += TVector.FusedMultiplyAdd(power, s, power - taken);
        sum = next;
    }

    /// <summary>The rest of a row that is no whole group, followed by -infinity: terms of weight zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T* Pad(T* x, int count, T* padded)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        for (int i = 0; i < Group; i += TVector.Count)
        {
            lowest.Store(padded + i);
        }

        for (int i = 0; i < count; i++)
        {
            padded[i] = x[i];
        }

        return padded;
    }

    /// <summary>The weights of two numbers, each in its own frame, as (power, s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weight(double first, double firstExponent, double second, double secondExponent, T* powers, T* errors)
    {
        T* lanes = stackalloc T[2 * TVector.Count];
        TVector.Create(first).Store(lanes);
        Weights<TVector, T>.Frame(firstExponent).Store(lanes + TVector.Count);
        lanes[1] = Number(second);
        lanes[TVector.Count + 1] = Number(Weights<TVector, T>.FrameNumber(secondExponent));
        TVector value = TVector.Load(lanes);
        Weights<TVector, T>.Of(value, value, TVector.Load(lanes + TVector.Count), out TVector s).Store(powers);
        s.Store(errors);
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(T* x, T* y, nint length, double max, double log)
    {
        double high = Number(Number(max + log));
        TVector highs = TVector.Create(high), lows = TVector.Create((max - high) + log);
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            ((TVector.Load(x + i) - highs) - lows).Store(y + i);
        }

        if (i < length)
        {
            T* padded = stackalloc T[Group];
            ((TVector.Load(Pad(x + i, (int)(length - i), padded)) - highs) - lows).Store(padded);
            Copy(padded, y + i, length - i);
        }
    }

    /// <summary>
    /// <c>y = y * scale / sum</c>. The factor is a pair (high, low), so that what remains is one rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(T* y, nint length, double sum, double sumError, double scale)
    {
        double quotient = scale / sum;
        double remainder = (Math.FusedMultiplyAdd(-quotient, sum, scale) - (quotient * sumError)) / sum;
        double high = Number(Number(quotient));
        TVector highs = TVector.Create(high), lows = TVector.Create((quotient - high) + remainder);
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            TVector w = TVector.Load(y + i);
            TVector.FusedMultiplyAdd(w, highs, w * lows).Store(y + i);
        }

        if (i < length)
        {
            T* padded = stackalloc T[Group];
            TVector w = TVector.Load(Pad(y + i, (int)(length - i), padded));
            TVector.FusedMultiplyAdd(w, highs, w * lows).Store(padded);
            Copy(padded, y + i, length - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* source, T* destination, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            destination[i] = source[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Number(T value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Number(double value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);

    /// <summary>2^(Bias + 6), above the sum of one chain.</summary>
    private static double Anchor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 1.1805916207174113E+21 : 8.580997075163262E+155;
    }
}

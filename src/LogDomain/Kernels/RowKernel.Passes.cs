using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// The passes over the rows of a tile, none longer than a block. A pass is one loop over vectors; the last of a row, if it is not whole, is filled with
/// -infinity, terms of weight zero.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Vectors of a block: 128 weights of at most 2^(Bias + 0.51) stay below the anchor, 2^(Bias + 8).</summary>
    private const int BlockVectors = 128;

    /// <summary>Elements of a block: 8 KB, so that its second reading comes from the first-level cache.</summary>
    public static int BlockLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BlockVectors * TVector.Count;
    }

    /// <summary>2^(Bias + 8), above the sum of one lane.</summary>
    private static double Anchor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 4.722366482869645E+21 : 3.432398830065305E+156;
    }

    /// <summary>The largest element of each row. A NaN may leave any value here; the sums that follow keep it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(T* x, int rows, nint length, double* largest)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        for (int row = 0; row < rows; row++, x += length)
        {
            // Four at a time, because one maximum waits for the other.
            TVector a = lowest, b = lowest, c = lowest, d = lowest;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                a = TVector.Max(a, TVector.Load(x + i));
                b = TVector.Max(b, TVector.Load(x + i + TVector.Count));
                c = TVector.Max(c, TVector.Load(x + i + (2 * TVector.Count)));
                d = TVector.Max(d, TVector.Load(x + i + (3 * TVector.Count)));
            }

            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                a = TVector.Max(a, TVector.Load(x + i));
            }

            if (i < length)
            {
                b = TVector.Max(b, TVector.LoadFirst(x + i, (int)(length - i)));
            }

            largest[row] = TVector.Largest(TVector.Max(TVector.Max(a, b), TVector.Max(c, d))) + 0.0;   // + 0.0: a maximum of -0 is +0 on every machine
        }
    }

    /// <summary>The two largest elements of each row, the same twice where the maximum occurs twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoLargest(T* x, int rows, nint length, double* largest, double* secondLargest)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        for (int row = 0; row < rows; row++, x += length)
        {
            TVector a1 = lowest, a2 = lowest, b1 = lowest, b2 = lowest, c1 = lowest, c2 = lowest, d1 = lowest, d2 = lowest;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                Rank(TVector.Load(x + i), ref a1, ref a2);
                Rank(TVector.Load(x + i + TVector.Count), ref b1, ref b2);
                Rank(TVector.Load(x + i + (2 * TVector.Count)), ref c1, ref c2);
                Rank(TVector.Load(x + i + (3 * TVector.Count)), ref d1, ref d2);
            }

            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                Rank(TVector.Load(x + i), ref a1, ref a2);
            }

            if (i < length)
            {
                Rank(TVector.LoadFirst(x + i, (int)(length - i)), ref b1, ref b2);
            }

            a2 = TVector.Max(TVector.Min(a1, b1), TVector.Max(a2, b2));
            c2 = TVector.Max(TVector.Min(c1, d1), TVector.Max(c2, d2));
            a1 = TVector.Max(a1, b1);
            c1 = TVector.Max(c1, d1);
            (double first, double second) = TVector.TwoLargest(TVector.Max(a1, c1), TVector.Max(TVector.Min(a1, c1), TVector.Max(a2, c2)));
            largest[row] = first + 0.0;
            secondLargest[row] = second;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rank(TVector x, ref TVector first, ref TVector second)
    {
        second = TVector.Max(second, TVector.Min(first, x));
        first = TVector.Max(first, x);
    }

    /// <summary>
    /// The sums of the weights of each row in the frame of its origin, in units of 2^-Bias of it, as (high, low).
    /// <see cref="Stored"/> writes the weights to y; <see cref="Clipped"/> takes elements above <see cref="RowStates.Second"/> as that.
    /// The memory at <paramref name="soon"/> is asked for in step with the rows, and that <paramref name="ahead"/> elements on in x.
    /// </summary>
    /// <remarks>
    /// An anchored sum (Fast2Sum, Dekker 1971): an accumulator that starts at an anchor so large that it
    /// stays in its binade rounds every addition to the same grid, so what it took, <c>(sum + w) - sum</c>, is exact. What it left,
    /// <c>power * (1 + s) - taken</c>, holds the rounding of the weight too and goes to a second accumulator, whose own roundings are
    /// those of numbers below the grid. A plain sum would round many equal weights all the same way, by several ulp.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TMode>(T* x, T* y, int rows, nint length, nint ahead, T* soon, RowStates* states)
        where TMode : ISumMode
    {
        for (int row = 0; row < rows; row++, x += length, y += length, soon += length)
        {
            TVector frame = TVector.Broadcast(states->Frames[row]);
            TVector lowest = TVector.Broadcast(states->Origins[row] - Weights<TVector, T>.Reach);
            TVector highest = TVector.Broadcast(TMode.Clips ? states->Second[row] : 0);
            TVector anchor = TVector.Broadcast(TMode.Clips ? states->Anchors[row] : Anchor);
            TVector sum = anchor, rest = TVector.Create(0);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                TVector.Prefetch(x + i + ahead);
                TVector.Prefetch(soon + i);
                TVector weight = Add<TMode>(TVector.Load(x + i), lowest, highest, frame, ref sum, ref rest);
                if (TMode.Stores)
                {
                    weight.Store(y + i);
                }
            }

            if (i < length)
            {
                int count = (int)(length - i);
                TVector weight = Add<TMode>(TVector.LoadFirst(x + i, count), lowest, highest, frame, ref sum, ref rest);
                if (TMode.Stores)
                {
                    weight.StoreFirst(y + i, count);
                }
            }

            (states->Sums[row], states->SumErrors[row]) = TVector.Total(sum - anchor, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TMode>(TVector x, TVector lowest, TVector highest, TVector frame, ref TVector sum, ref TVector rest)
        where TMode : ISumMode
    {
        if (TMode.Clips)
        {
            x = TVector.Min(highest, x);
        }

        TVector power = Weights<TVector, T>.Of(x, lowest, frame, out TVector s);
        TVector weight = TVector.FusedMultiplyAdd(power, s, power);
        TVector next = sum + weight;
        TVector taken = next - sum;
        rest += TVector.FusedMultiplyAdd(power, s, power - taken);
        sum = next;
        return weight;
    }

    /// <summary>
    /// The sums of the rounded weights of rows of float, as <see cref="Sum{TMode}"/> gives them but for their roundings: groups of four are added in
    /// a tree, where equal weights round nothing, and their sums are anchored.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainSum(T* x, int rows, nint length, nint ahead, RowStates* states)
    {
        for (int row = 0; row < rows; row++, x += length)
        {
            TVector frame = TVector.Broadcast(states->Frames[row]);
            TVector lowest = TVector.Broadcast(states->Origins[row] - Weights<TVector, T>.Reach);
            TVector anchor = TVector.Create(Anchor), sum = anchor, rest = TVector.Create(0);
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                T* source = x + i, next = source + ahead;
                TVector.Prefetch(next);
                TVector.Prefetch(next + TVector.Count);
                TVector.Prefetch(next + (2 * TVector.Count));
                TVector.Prefetch(next + (3 * TVector.Count));
                TVector w0 = Weights<TVector, T>.Rounded(TVector.Load(source), lowest, frame);
                TVector w1 = Weights<TVector, T>.Rounded(TVector.Load(source + TVector.Count), lowest, frame);
                TVector w2 = Weights<TVector, T>.Rounded(TVector.Load(source + (2 * TVector.Count)), lowest, frame);
                TVector w3 = Weights<TVector, T>.Rounded(TVector.Load(source + (3 * TVector.Count)), lowest, frame);
                Add((w0 + w1) + (w2 + w3), ref sum, ref rest);
            }

            for (; i < length; i += TVector.Count)
            {
                Add(Weights<TVector, T>.Rounded(TVector.LoadFirst(x + i, (int)(length - i)), lowest, frame), ref sum, ref rest);
            }

            states->Sums[row] = TVector.Total(sum - anchor, rest).High;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector weight, ref TVector sum, ref TVector rest)
    {
        TVector next = sum + weight;
        rest += weight - (next - sum);
        sum = next;
    }

    /// <summary>Writes <c>factor * weights</c> of a block in the frame of a maximum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaledWeights(T* x, T* y, int count, double max, double factor, double factorError)
    {
        TVector frame = Weights<TVector, T>.Frame(Weights<TVector, T>.Exponent(max));
        TVector lowest = TVector.Broadcast(max - Weights<TVector, T>.Reach);
        Split(factor, factorError, out TVector high, out TVector low);
        int i = 0;
        for (; i <= count - TVector.Count; i += TVector.Count)
        {
            TVector.Prefetch(x + i + BlockLength);
            TVector.Prefetch(y + i + BlockLength);
            ScaledWeight(TVector.Load(x + i), lowest, frame, high, low).Store(y + i);
        }

        if (i < count)
        {
            ScaledWeight(TVector.LoadFirst(x + i, count - i), lowest, frame, high, low).StoreFirst(y + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ScaledWeight(TVector x, TVector lowest, TVector frame, TVector high, TVector low)
    {
        TVector power = Weights<TVector, T>.Of(x, lowest, frame, out TVector s);
        TVector w = TVector.FusedMultiplyAdd(power, s, power);
        return TVector.FusedMultiplyAdd(w, high, w * low);
    }

    /// <summary>
    /// <c>y = (x - high) - low</c> with high + low = max + log: at the maximum high cancels, and -log stays to its last bit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(T* x, T* y, int rows, nint length, double* max, double* logs)
    {
        for (int row = 0; row < rows; row++, x += length, y += length)
        {
            double rounded = TVector.Round(max[row] + logs[row]);
            TVector high = TVector.Broadcast(rounded), low = TVector.Broadcast((max[row] - rounded) + logs[row]);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                ((TVector.Load(x + i) - high) - low).Store(y + i);
            }

            if (i < length)
            {
                int rest = (int)(length - i);
                ((TVector.LoadFirst(x + i, rest) - high) - low).StoreFirst(y + i, rest);
            }
        }
    }

    /// <summary><c>y = y * factor</c>. The factor is a pair, so that what remains is one rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(T* y, int rows, nint length, double* factors, double* factorErrors)
    {
        for (int row = 0; row < rows; row++, y += length)
        {
            Split(factors[row], factorErrors[row], out TVector high, out TVector low);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                TVector w = TVector.Load(y + i);
                TVector.FusedMultiplyAdd(w, high, w * low).Store(y + i);
            }

            if (i < length)
            {
                int rest = (int)(length - i);
                TVector w = TVector.LoadFirst(y + i, rest);
                TVector.FusedMultiplyAdd(w, high, w * low).StoreFirst(y + i, rest);
            }
        }
    }

    /// <summary>A number as the sum of two of <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(double value, double error, out TVector high, out TVector low)
    {
        double rounded = TVector.Round(value);
        high = TVector.Broadcast(rounded);
        low = TVector.Broadcast((value - rounded) + error);
    }

    private static bool HasNaN(T* x, nint length)
    {
        for (nint i = 0; i < length; i++)
        {
            if (double.IsNaN(Number(x[i])))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Number(T value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Number(double value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);
}

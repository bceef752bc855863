using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// The passes over the rows of a tile, none longer than a block. A pass is one loop over vectors; the last of a row, if it is not whole, is filled with
/// -infinity, terms of weight zero.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Vectors of a block: 64 weights of at most 2^(Bias + 0.51) stay below the anchor, 2^(Bias + 7).</summary>
    private const int BlockVectors = 64;

    /// <summary>Elements of a block: 4 KB.</summary>
    public static int BlockLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BlockVectors * TVector.Count;
    }

    /// <summary>2^(Bias + 7), above the sum of one lane.</summary>
    private static double Anchor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 2.3611832414348226E+21 : 1.7161994150326524E+156;
    }

    /// <summary>The largest element of each row. A NaN may leave any value here; the sums that follow keep it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest<TRows>(T* tile, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        TVector* lanes = (TVector*)states->Lanes;
        for (int row = 0; row < count; row++)
        {
            T* x = tile + rows.Offset(row);
            nint length = rows.Length(row);

            // Four at a time, because one maximum waits for the other.
            TVector a = lowest, b = lowest, c = lowest, d = lowest;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                a = TVector.Max(a, rows.Load(x + i));
                b = TVector.Max(b, rows.Load(x + i + TVector.Count));
                c = TVector.Max(c, rows.Load(x + i + (2 * TVector.Count)));
                d = TVector.Max(d, rows.Load(x + i + (3 * TVector.Count)));
            }

            for (; i < length; i += TVector.Count)
            {
                a = TVector.Max(a, rows.LoadFirst(x + i, (int)(length - i)));
            }

            lanes[row] = TVector.Max(TVector.Max(a, b), TVector.Max(c, d));
        }

        // + 0: a maximum of -0 is +0 on every machine.
        (TVector.LargestOfEach(lanes) + Vector512<double>.Zero).Store(states->Max);
    }

    /// <summary>The two largest elements of each row, the same twice where the maximum occurs twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoLargest<TRows>(T* tile, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        TVector lowest = TVector.Create(double.NegativeInfinity);
        TVector* firsts = (TVector*)states->Lanes, seconds = (TVector*)states->MoreLanes;
        for (int row = 0; row < count; row++)
        {
            T* x = tile + rows.Offset(row);
            nint length = rows.Length(row);
            TVector a1 = lowest, a2 = lowest, b1 = lowest, b2 = lowest, c1 = lowest, c2 = lowest, d1 = lowest, d2 = lowest;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                Rank(rows.Load(x + i), ref a1, ref a2);
                Rank(rows.Load(x + i + TVector.Count), ref b1, ref b2);
                Rank(rows.Load(x + i + (2 * TVector.Count)), ref c1, ref c2);
                Rank(rows.Load(x + i + (3 * TVector.Count)), ref d1, ref d2);
            }

            for (; i < length; i += TVector.Count)
            {
                Rank(rows.LoadFirst(x + i, (int)(length - i)), ref a1, ref a2);
            }

            a2 = TVector.Max(TVector.Min(a1, b1), TVector.Max(a2, b2));
            c2 = TVector.Max(TVector.Min(c1, d1), TVector.Max(c2, d2));
            a1 = TVector.Max(a1, b1);
            c1 = TVector.Max(c1, d1);
            firsts[row] = TVector.Max(a1, c1);
            seconds[row] = TVector.Max(TVector.Min(a1, c1), TVector.Max(a2, c2));
        }

        TVector.TwoLargestOfEach(firsts, seconds, states->Max, states->Second);
        (Vector512.Load(states->Max) + Vector512<double>.Zero).Store(states->Max);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rank(TVector x, ref TVector first, ref TVector second)
    {
        second = TVector.Max(second, TVector.Min(first, x));
        first = TVector.Max(first, x);
    }

    /// <summary>
    /// The sums of the weights of each row in the frame of its origin, in units of 2^-Bias of it, as (high, low).
    /// <see cref="Stored"/> writes the weights to the result; <see cref="Clipped"/> takes elements above <see cref="RowStates.Highest"/> as that.
    /// The memory at <paramref name="soonTile"/> is asked for in step with the rows, and that <paramref name="ahead"/> elements on in x.
    /// </summary>
    /// <remarks>
    /// An anchored sum (Fast2Sum, Dekker 1971): an accumulator that starts at an anchor so large that it
    /// stays in its binade rounds every addition to the same grid, so what it took, <c>(sum + power) - sum</c>, is exact. What it left,
    /// <c>power * (1 + s) - taken</c>, goes to a second accumulator, four vectors at a time, whose own roundings are
    /// those of numbers below the grid or of s. A plain sum would round many equal weights all the same way, by several ulp.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TMode, TRows>(T* tile, T* result, TRows rows, int count, nint ahead, T* soonTile, RowStates* states)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>
    {
        TVector* sums = (TVector*)states->Lanes, rests = (TVector*)states->MoreLanes;
        T* constants = (T*)states->Constants;
        TVector anchor = TVector.Create(Anchor);
        for (int row = 0; row < count; row++)
        {
            nint offset = rows.Offset(row), length = rows.Length(row);
            T* x = tile + offset, y = result + offset, soon = soonTile + offset;
            TVector frame = TVector.Broadcast((T*)states->Frames + row), lowest = TVector.Broadcast((T*)states->Lowest + row);
            TVector highest = TVector.Broadcast((T*)states->Highest + row);
            TVector sum = anchor, rest = TVector.Create(0);
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                TVector w0 = Weigh<TMode, TRows>(constants, rows.Load(x + i), TRows.ArePairs ? rows.Low(x + i) : default, lowest, highest, frame, ref sum, out TVector left0);
                if (TMode.Stores)
                {
                    w0.Store(y + i);
                }

                TVector w1 = Weigh<TMode, TRows>(constants, rows.Load(x + i + TVector.Count), TRows.ArePairs ? rows.Low(x + i + TVector.Count) : default, lowest, highest, frame, ref sum, out TVector left1);
                if (TMode.Stores)
                {
                    w1.Store(y + i + TVector.Count);
                }

                TVector w2 = Weigh<TMode, TRows>(constants, rows.Load(x + i + (2 * TVector.Count)), TRows.ArePairs ? rows.Low(x + i + (2 * TVector.Count)) : default, lowest, highest, frame, ref sum, out TVector left2);
                if (TMode.Stores)
                {
                    w2.Store(y + i + (2 * TVector.Count));
                }

                TVector w3 = Weigh<TMode, TRows>(constants, rows.Load(x + i + (3 * TVector.Count)), TRows.ArePairs ? rows.Low(x + i + (3 * TVector.Count)) : default, lowest, highest, frame, ref sum, out TVector left3);
                if (TMode.Stores)
                {
                    w3.Store(y + i + (3 * TVector.Count));
                }

                rest += (left0 + left1) + (left2 + left3);
                for (int v = 0; v < 4; v++)
                {
                    TVector.Prefetch(x + i + (v * TVector.Count) + ahead);
                    TVector.Prefetch(soon + i + (v * TVector.Count));
                }

            }

            if (i < length)
            {
                SumRest<TMode, TRows>(x + i, y + i, rows, length - i, row, states, ref sum, ref rest);
            }

            sums[row] = sum - anchor;
            rests[row] = rest;
        }

        TVector.TotalOfEach(sums, rests, states->Sums, states->SumErrors);
    }

    /// <summary>The elements of a row that are fewer than four vectors. A call, because the loop before uses up the local variables of a method.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SumRest<TMode, TRows>(T* x, T* y, TRows rows, nint length, int row, RowStates* states, ref TVector sum, ref TVector rest)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>
    {
        T* constants = (T*)states->Constants;
        TVector frame = TVector.Broadcast((T*)states->Frames + row), lowest = TVector.Broadcast((T*)states->Lowest + row);
        TVector highest = TVector.Broadcast((T*)states->Highest + row), sumHere = sum, restHere = rest;
        for (nint i = 0; i < length; i += TVector.Count)
        {
            int left = (int)(length - i);
            TVector low = TRows.ArePairs ? rows.LowFirst(x + i, left) : default;
            TVector w = Weigh<TMode, TRows>(constants, rows.LoadFirst(x + i, left), low, lowest, highest, frame, ref sumHere, out TVector lost);
            restHere += lost;
            if (TMode.Stores)
            {
                w.StoreFirst(y + i, left);
            }
        }

        sum = sumHere;
        rest = restHere;
    }

    /// <summary>The s of <c>e^(x + low)</c>, given that of e^x: <c>(1 + s)(1 + low) - 1</c>, because a low squared is nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector WithLow(TVector s, TVector low) => TVector.FusedMultiplyAdd(low, s, s + low);

    /// <summary>Adds the power of a weight and returns the weight, rounded, which nobody computes who does not want it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Weigh<TMode, TRows>(T* constants, TVector x, TVector low, TVector lowest, TVector highest, TVector frame, ref TVector sum, out TVector left)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>
    {
        if (TMode.Clips)
        {
            x = TVector.Min(highest, x);
        }

        TVector power = Weights<TVector, T>.Of(constants, x, lowest, frame, out TVector s);
        s = TRows.ArePairs ? WithLow(s, low) : s;
        TVector next = sum + power;
        left = TVector.FusedMultiplyAdd(power, s, power - (next - sum));
        sum = next;
        return TMode.Stores ? TVector.FusedMultiplyAdd(power, s, power) : power;
    }

    /// <summary>
    /// The sums of the rounded weights of rows of float, as <see cref="Sum{TMode, TRows}"/> gives them but for their roundings: groups of four are added in
    /// a tree, where equal weights round nothing, and their sums are anchored.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainSum<TRows>(T* tile, TRows rows, int count, nint ahead, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        TVector* sums = (TVector*)states->Lanes, rests = (TVector*)states->MoreLanes;
        TVector anchor = TVector.Create(Anchor);
        T* constants = (T*)states->Constants;
        for (int row = 0; row < count; row++)
        {
            T* x = tile + rows.Offset(row);
            nint length = rows.Length(row);
            TVector frame = TVector.Broadcast((T*)states->Frames + row), lowest = TVector.Broadcast((T*)states->Lowest + row);
            TVector sum = anchor, rest = TVector.Create(0);
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                T* source = x + i, next = source + ahead;
                TVector.Prefetch(next);
                TVector.Prefetch(next + TVector.Count);
                TVector.Prefetch(next + (2 * TVector.Count));
                TVector.Prefetch(next + (3 * TVector.Count));
                TVector w0 = PlainWeight(Weights<TVector, T>.NumbersOf(constants, 0), rows, source, lowest, frame);
                TVector w1 = PlainWeight(Weights<TVector, T>.NumbersOf(constants, 1), rows, source + TVector.Count, lowest, frame);
                TVector w2 = PlainWeight(Weights<TVector, T>.NumbersOf(constants, 2), rows, source + (2 * TVector.Count), lowest, frame);
                TVector w3 = PlainWeight(Weights<TVector, T>.NumbersOf(constants, 3), rows, source + (3 * TVector.Count), lowest, frame);
                Add((w0 + w1) + (w2 + w3), ref sum, ref rest);
            }

            (sums[row], rests[row]) = (sum, rest);
            if (i < length)
            {
                PlainRest(x, i, length, rows, lowest, frame, sums + row, rests + row);
            }

            sums[row] -= anchor;
        }

        TVector.TotalOfEach(sums, rests, states->Sums, states->SumErrors);
    }

    /// <summary>The elements of a row that are fewer than four vectors. A call, as <see cref="SumRest"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void PlainRest<TRows>(T* x, nint i, nint length, TRows rows, TVector lowest, TVector frame, TVector* sum, TVector* rest)
        where TRows : struct, IRows<TVector, T>
    {
        TVector sumHere = *sum, restHere = *rest;
        for (; i < length; i += TVector.Count)
        {
            int left = (int)(length - i);
            TVector weight = WithLowOf<TRows>(Weights<TVector, T>.Rounded(rows.LoadFirst(x + i, left), lowest, frame), TRows.ArePairs ? rows.LowFirst(x + i, left) : default);
            Add(weight, ref sumHere, ref restHere);
        }

        (*sum, *rest) = (sumHere, restHere);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PlainWeight<TRows>(T* numbers, TRows rows, T* x, TVector lowest, TVector frame)
        where TRows : struct, IRows<TVector, T> =>
        WithLowOf<TRows>(Weights<TVector, T>.Rounded(numbers, rows.Load(x), lowest, frame), TRows.ArePairs ? rows.Low(x) : default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector WithLowOf<TRows>(TVector weight, TVector low)
        where TRows : struct, IRows<TVector, T> => TRows.ArePairs ? TVector.FusedMultiplyAdd(weight, low, weight) : weight;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector weight, ref TVector sum, ref TVector rest)
    {
        TVector next = sum + weight;
        rest += weight - (next - sum);
        sum = next;
    }

    /// <summary>
    /// Writes <c>weights * factor</c> of a row that has no weights yet: the factor is that of row 0, a pair, so that what remains is one rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaledWeights(T* x, T* y, nint length, RowStates* states)
    {
        T* constants = (T*)states->Constants;
        TVector frame = TVector.Broadcast((T*)states->Frames), lowest = TVector.Broadcast((T*)states->Lowest), floor = Floor(constants, lowest, frame);
        TVector high = TVector.Broadcast((T*)states->Highs), low = TVector.Broadcast((T*)states->Lows);
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            TVector.Prefetch(x + i + BlockLength);
            TVector.Prefetch(y + i + BlockLength);
            Times(Weight(constants, TVector.Load(x + i), lowest, frame) - floor, high, low).Store(y + i);
        }

        if (i < length)
        {
            int rest = (int)(length - i);
            Times(Weight(constants, TVector.LoadFirst(x + i, rest), lowest, frame) - floor, high, low).StoreFirst(y + i, rest);
        }
    }

    /// <summary>The same, right to two or three ulps of float: enough where results have 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainScaledWeights(T* x, T* y, nint length, RowStates* states)
    {
        TVector frame = TVector.Broadcast((T*)states->Frames), lowest = TVector.Broadcast((T*)states->Lowest);
        TVector floor = Weights<TVector, T>.Rounded(lowest, lowest, frame), factor = TVector.Broadcast((T*)states->Highs);
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            ((Weights<TVector, T>.Rounded(TVector.Load(x + i), lowest, frame) - floor) * factor).Store(y + i);
        }

        if (i < length)
        {
            int rest = (int)(length - i);
            ((Weights<TVector, T>.Rounded(TVector.LoadFirst(x + i, rest), lowest, frame) - floor) * factor).StoreFirst(y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Weight(T* constants, TVector x, TVector lowest, TVector frame)
    {
        TVector power = Weights<TVector, T>.Of(constants, x, lowest, frame, out TVector s);
        return TVector.FusedMultiplyAdd(power, s, power);
    }

    /// <summary>
    /// The weight of what is clamped. Taken away from all, it leaves zeros of the masked ones: their products would be subnormal, and slow, on the way
    /// to zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Floor(T* constants, TVector lowest, TVector frame) => Weight(constants, lowest, lowest, frame);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Times(TVector w, TVector high, TVector low) => TVector.FusedMultiplyAdd(w, high, w * low);

    /// <summary><c>y = (y - floor) * factor</c>, the factors being pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows>(T* tile, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        Floor((T*)states->Constants, TVector.Load((T*)states->Lowest), TVector.Load((T*)states->Frames)).Store((T*)states->Highest);
        for (int row = 0; row < count; row++)
        {
            T* y = tile + rows.Offset(row);
            nint length = rows.Length(row);
            TVector high = TVector.Broadcast((T*)states->Highs + row), low = TVector.Broadcast((T*)states->Lows + row);
            TVector floor = TVector.Broadcast((T*)states->Highest + row);
            nint i = 0;
            for (; i <= length - (2 * TVector.Count); i += 2 * TVector.Count)
            {
                TVector a = TVector.Load(y + i), b = TVector.Load(y + i + TVector.Count);
                Times(a - floor, high, low).Store(y + i);
                Times(b - floor, high, low).Store(y + i + TVector.Count);
            }

            for (; i < length; i += TVector.Count)
            {
                int rest = (int)(length - i);
                Times(TVector.LoadFirst(y + i, rest) - floor, high, low).StoreFirst(y + i, rest);
            }
        }
    }

    /// <summary>
    /// <c>y = (x - high) - low</c> with high + low = max + log: at the maximum high cancels, and -log stays to its last bit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract<TRows>(T* tile, T* result, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        for (int row = 0; row < count; row++)
        {
            nint offset = rows.Offset(row), length = rows.Length(row);
            T* x = tile + offset, y = result + offset;
            TVector high = TVector.Broadcast((T*)states->Highs + row), low = TVector.Broadcast((T*)states->Lows + row);
            nint i = 0;
            for (; i <= length - (2 * TVector.Count); i += 2 * TVector.Count)
            {
                TVector a = TVector.Load(x + i), b = TVector.Load(x + i + TVector.Count);
                ((a - high) - low).Store(y + i);
                ((b - high) - low).Store(y + i + TVector.Count);
            }

            for (; i < length; i += TVector.Count)
            {
                int rest = (int)(length - i);
                ((TVector.LoadFirst(x + i, rest) - high) - low).StoreFirst(y + i, rest);
            }
        }
    }

    /// <summary>a + b of each row as a sum of two of <typeparamref name="T"/>, the sum being dominated by a or exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(Vector512<double> a, Vector512<double> b, RowStates* states)
    {
        TVector high = TVector.Create(a + b);
        high.Store((T*)states->Highs);
        TVector.Create((a - high.FirstEight()) + b).Store((T*)states->Lows);
    }

    private static bool HasNaN(T* x, nint length) =>
        typeof(T) == typeof(float) ? TensorPrimitives.IsNaNAny(new ReadOnlySpan<float>(x, (int)length)) : TensorPrimitives.IsNaNAny(new ReadOnlySpan<double>(x, (int)length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Number(T value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Number(double value) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);
}

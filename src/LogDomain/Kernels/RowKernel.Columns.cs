using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// Columns of a matrix, each what a row is elsewhere: 16 columns lie in the lanes of a vector of floats, and what would be 16 lanes of one row are 16 vectors of partial sums. Each
/// column is added in the order in which a row of its elements would be, so the bits are the same, and nothing is transposed.
/// </summary>
/// <remarks>
/// A panel of columns is copied into memory of its own while the maxima are found, and is read from memory once. In the matrix its lines may be a power of two apart, and then
/// they share a few places of the cache; in the copy they follow each other. Columns that cannot be finished this way, and those beside whole vectors, are transposed and computed as rows.
/// </remarks>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Bytes of a panel: half of a second-level cache of 512 KB. Twice as many would be gone from there before they are read again.</summary>
    private const int PanelBytes = 1 << 18;

    /// <summary>Columns of a panel, at most: partial sums of 16 KB stay in the first-level cache.</summary>
    private const int WidestPanel = 128;

    /// <summary>Rows of a panel that are asked for in advance: no hardware expects lines that lie a row of a matrix apart.</summary>
    private const int RowsAhead = 8;

    /// <summary>Columns that a panel has for a length: whole vectors.</summary>
    private static int PanelWidth(nint length) =>
        (int)Math.Clamp(PanelBytes / sizeof(T) / length / TVector.Count * TVector.Count, TVector.Count, WidestPanel);

    /// <summary>(x, elements between its rows, y, the same of it, rows, columns): y receives softmax of each column of at most a block; x and y may be the same.</summary>
    public static void ColumnSoftMax(T* x, nint xStride, T* y, nint yStride, nint length, nint columns) =>
        Columns<Stored>(x, xStride, y, yStride, length, columns);

    /// <summary>The same for log-softmax.</summary>
    public static void ColumnLogSoftMax(T* x, nint xStride, T* y, nint yStride, nint length, nint columns) =>
        Columns<Clipped>(x, xStride, y, yStride, length, columns);

    /// <summary>y receives log-sum-exp of each column, one after the other.</summary>
    public static void ColumnLogSumExp(T* x, nint xStride, T* y, nint yStride, nint length, nint columns) =>
        Columns<Plain>(x, xStride, y, yStride, length, columns);

    /// <summary>The operation that sums in a mode: softmax needs the weights stored, log-softmax the maximum clipped, and log-sum-exp a plain sum.</summary>
    private static void Columns<TMode>(T* x, nint xStride, T* y, nint yStride, nint length, nint columns)
        where TMode : ISumMode
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        int width = PanelWidth(length), numbers = width + TVector.Count;
        T* numbersOfColumns = stackalloc T[7 * numbers];
        double* others = stackalloc double[width];
        TVector* sums = stackalloc TVector[2 * width];
        using Scratch<T> scratch = new(length * width);
        fixed (T* elements = scratch.Span)
        {
            for (nint column = 0; column < columns; column += width)
            {
                int some = (int)nint.Min(width, columns - column), whole = some / TVector.Count * TVector.Count;
                Panel panel = new(whole, length, elements, numbersOfColumns, numbers, sums, sums + whole, others);
                if (whole == 0 || !TryPanel<TMode>(panel, x + column, xStride, y + column, yStride, states))
                {
                    whole = 0;
                }

                if (whole < some)
                {
                    ByRows<TMode>(x + column + whole, xStride, y + column + whole, yStride, length, some - whole, elements);
                }
            }
        }
    }

    /// <summary>A copy of some columns, and what the passes over it hand on to each other.</summary>
    private readonly struct Panel(int width, nint length, T* elements, T* numbers, int stride, TVector* sums, TVector* rests, double* others)
    {
        /// <summary>The number of columns.</summary>
        public int Width => width;

        public int Vectors => width / TVector.Count;

        /// <summary>The number of rows.</summary>
        public nint Length => length;

        /// <summary>Row after row.</summary>
        public T* Elements => elements;

        // One number a column, with room for a vector behind the last.
        public T* Largest => numbers;

        public T* Second => numbers + stride;

        public T* Frames => numbers + (2 * stride);

        public T* Lowest => numbers + (3 * stride);

        public T* Highest => numbers + (4 * stride);

        public T* Highs => numbers + (5 * stride);

        public T* Lows => numbers + (6 * stride);

        /// <summary>Vector v of columns and lane l of the sum of a row: <c>[l * Vectors + v]</c>.</summary>
        public TVector* Sums => sums;

        /// <summary>What these lost.</summary>
        public TVector* Rests => rests;

        /// <summary>What is beside the maximum of a column, as <see cref="RowStates.Tails"/>.</summary>
        public double* Others => others;
    }

    private static void ByRows<TMode>(T* x, nint xStride, T* y, nint yStride, nint length, int columns, T* rows)
        where TMode : ISumMode
    {
        Transposition.Copy(x, 1, xStride, columns, length, rows, length, 1);
        if (typeof(TMode) == typeof(Plain))
        {
            LogSumExp(rows, columns, length, y);
            return;
        }

        if (typeof(TMode) == typeof(Stored))
        {
            SoftMax(rows, rows, columns, length, 1);
        }
        else
        {
            LogSoftMax(rows, rows, columns, length);
        }

        Transposition.Copy(rows, length, 1, columns, length, y, 1, yStride);
    }

    /// <summary>False, with nothing written, where a column has no frame.</summary>
    private static bool TryPanel<TMode>(in Panel panel, T* x, nint xStride, T* y, nint yStride, RowStates* states)
        where TMode : ISumMode
    {
        if (typeof(TMode) == typeof(Clipped))
        {
            GatherTwoLargest(panel, x, xStride);
        }
        else
        {
            GatherLargest(panel, x, xStride);
        }

        for (int column = 0; column < panel.Width; column += RowFinish.Rows)
        {
            if (!TryFrame<TMode>(panel, column, states))
            {
                return false;
            }

            TVector.Load((T*)states->Frames).StoreFirst(panel.Frames + column, RowFinish.Rows);
            TVector.Load((T*)states->Lowest).StoreFirst(panel.Lowest + column, RowFinish.Rows);
            TVector.Load((T*)states->Highest).StoreFirst(panel.Highest + column, RowFinish.Rows);
        }

        SumColumns<TMode>(panel);
        for (int column = 0; column < panel.Width; column += RowFinish.Rows)
        {
            if (!TryFinish<TMode>(panel, column, y, states))
            {
                // After a plain sum nobody needs the elements any more.
                ByRows<TMode>(x + column, xStride, y + column, yStride, panel.Length, RowFinish.Rows, panel.Elements);
            }
        }

        if (typeof(TMode) == typeof(Stored))
        {
            ScatterProducts(panel, y, yStride);
        }
        else if (typeof(TMode) == typeof(Clipped))
        {
            ScatterDifferences(panel, y, yStride);
        }

        return true;
    }

    /// <summary>Copies the columns, and finds the largest element of each, as <c>Largest</c> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherLargest(in Panel panel, T* x, nint stride)
    {
        int width = panel.Width;
        T* largest = panel.Largest, y = panel.Elements;
        nint length = panel.Length, row = 0;
        for (int column = 0; column < width; column += TVector.Count)
        {
            TVector.Create(double.NegativeInfinity).Store(largest + column);
        }

        for (; row <= length - 4; row += 4, x += 4 * stride, y += 4 * width)
        {
            for (int column = 0; column < width; column += TVector.Count)
            {
                TVector a = Copy(x + column, stride, y + column), b = Copy(x + stride + column, stride, y + width + column);
                TVector c = Copy(x + (2 * stride) + column, stride, y + (2 * width) + column), d = Copy(x + (3 * stride) + column, stride, y + (3 * width) + column);
                TVector.Max(TVector.Load(largest + column), TVector.Max(TVector.Max(a, b), TVector.Max(c, d))).Store(largest + column);
            }
        }

        for (; row < length; row++, x += stride, y += width)
        {
            for (int column = 0; column < width; column += TVector.Count)
            {
                TVector.Max(TVector.Load(largest + column), Copy(x + column, stride, y + column)).Store(largest + column);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Copy(T* x, nint stride, T* y)
    {
        TVector.Prefetch(x + (RowsAhead * stride));
        TVector value = TVector.Load(x);
        value.Store(y);
        return value;
    }

    /// <summary>Copies the columns, and finds the two largest elements of each, as <c>TwoLargest</c> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherTwoLargest(in Panel panel, T* x, nint stride)
    {
        int width = panel.Width;
        T* largest = panel.Largest, seconds = panel.Second, y = panel.Elements;
        for (int column = 0; column < width; column += TVector.Count)
        {
            TVector.Create(double.NegativeInfinity).Store(largest + column);
            TVector.Create(double.NegativeInfinity).Store(seconds + column);
        }

        nint length = panel.Length, row = 0;
        for (; row <= length - 2; row += 2, x += 2 * stride, y += 2 * width)
        {
            for (int column = 0; column < width; column += TVector.Count)
            {
                TVector first = TVector.Load(largest + column), second = TVector.Load(seconds + column);
                Rank(Copy(x + column, stride, y + column), ref first, ref second);
                Rank(Copy(x + stride + column, stride, y + width + column), ref first, ref second);
                first.Store(largest + column);
                second.Store(seconds + column);
            }
        }

        for (int column = 0; column < width && row < length; column += TVector.Count)
        {
            TVector first = TVector.Load(largest + column), second = TVector.Load(seconds + column);
            Rank(Copy(x + column, stride, y + column), ref first, ref second);
            first.Store(largest + column);
            second.Store(seconds + column);
        }
    }

    /// <summary>Puts eight columns into the frames of their origins; false where one has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFrame<TMode>(in Panel panel, int column, RowStates* states)
        where TMode : ISumMode
    {
        Vector512<double> first = TVector.Load(panel.Largest + column).FirstEight() + Vector512<double>.Zero, origins = first;
        first.Store(states->Max);
        if (Bits(HaveFrames(first, states), RowFinish.Rows) != (1u << RowFinish.Rows) - 1)
        {
            return false;
        }

        if (typeof(TMode) == typeof(Clipped))
        {
            Vector512<double> second = TVector.Load(panel.Second + column).FirstEight() + Vector512<double>.Zero;
            second.Store(states->Second);
            TVector.Create(second).Store((T*)states->Highest);
            origins = SumOrigins(first, second, states);
        }

        Frame(origins, states);
        return true;
    }

    /// <summary>The partial sums of the columns. <see cref="Stored"/> writes the weights in place of the elements.</summary>
    /// <remarks>Rows r, r + 16, r + 32 and r + 48 of 64 go to lane r of a row's sum one after the other, as the four vectors of a step do there.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumColumns<TMode>(in Panel panel)
        where TMode : ISumMode
    {
        int width = panel.Width, lanes = TVector.Count;
        TVector* sums = panel.Sums, rests = panel.Rests;
        T* frames = panel.Frames, lowests = panel.Lowest, highests = panel.Highest, constants = Weights<TVector, T>.Natural;
        TVector anchor = TVector.Create(Anchor);
        for (int i = 0; i < width; i++)
        {
            sums[i] = anchor;
            rests[i] = TVector.Create(0);
        }

        nint length = panel.Length, step = (nint)lanes * width, row = 0;
        T* x = panel.Elements;
        for (; row <= length - (4 * lanes); row += 4 * lanes, x += 3 * step)
        {
            for (TVector* sum = sums, rest = rests; sum < sums + width; x += width)
            {
                for (int column = 0; column < width; column += lanes, sum++, rest++)
                {
                    SumFour<TMode>(constants, x + column, step, TVector.Load(frames + column), TVector.Load(lowests + column), TVector.Load(highests + column), sum, rest);
                }
            }
        }

        for (; row < length; row += lanes)
        {
            nint last = row;
            for (TVector* sum = sums, rest = rests; sum < sums + width; x += width, last++)
            {
                for (int column = 0; column < width; column += lanes, sum++, rest++)
                {
                    // The lanes behind the end of a row hold -infinity, whose weight is not quite zero.
                    bool isElement = last < length;
                    TVector element = isElement ? TVector.Load(x + column) : TVector.Create(double.NegativeInfinity);
                    TVector frame = TVector.Load(frames + column), lowest = TVector.Load(lowests + column), highest = TVector.Load(highests + column);
                    if (typeof(TMode) == typeof(Plain))
                    {
                        Add(Weights<TVector, T>.Rounded(element, lowest, frame), ref *sum, ref *rest);
                        continue;
                    }

                    TVector weight = Weigh<TMode, EqualRows<TVector, T>>(constants, element, default, lowest, highest, frame, ref *sum, out TVector left);
                    *rest += left;
                    if (TMode.Stores && isElement)
                    {
                        weight.Store(x + column);
                    }
                }
            }
        }

        for (int i = 0; i < width; i++)
        {
            sums[i] -= anchor;
        }
    }

    /// <summary>Four elements of each of some columns, a step apart, to their partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumFour<TMode>(T* constants, T* x, nint step, TVector frame, TVector lowest, TVector highest, TVector* partialSum, TVector* partialRest)
        where TMode : ISumMode
    {
        TVector sum = *partialSum, rest = *partialRest;
        if (typeof(TMode) == typeof(Plain))
        {
            TVector w0 = Weights<TVector, T>.Rounded(TVector.Load(x), lowest, frame);
            TVector w1 = Weights<TVector, T>.Rounded(TVector.Load(x + step), lowest, frame);
            TVector w2 = Weights<TVector, T>.Rounded(TVector.Load(x + (2 * step)), lowest, frame);
            TVector w3 = Weights<TVector, T>.Rounded(TVector.Load(x + (3 * step)), lowest, frame);
            Add((w0 + w1) + (w2 + w3), ref sum, ref rest);
        }
        else
        {
            // Each is stored before the next is computed: sixteen registers of 256 bits have no room for four.
            WeighOne<TMode>(constants, x, lowest, highest, frame, ref sum, out TVector left0);
            WeighOne<TMode>(constants, x + step, lowest, highest, frame, ref sum, out TVector left1);
            WeighOne<TMode>(constants, x + (2 * step), lowest, highest, frame, ref sum, out TVector left2);
            WeighOne<TMode>(constants, x + (3 * step), lowest, highest, frame, ref sum, out TVector left3);
            rest += (left0 + left1) + (left2 + left3);
        }

        *partialSum = sum;
        *partialRest = rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeighOne<TMode>(T* constants, T* x, TVector lowest, TVector highest, TVector frame, ref TVector sum, out TVector left)
        where TMode : ISumMode
    {
        TVector weight = Weigh<TMode, EqualRows<TVector, T>>(constants, TVector.Load(x), default, lowest, highest, frame, ref sum, out left);
        if (TMode.Stores)
        {
            weight.Store(x);
        }
    }

    /// <summary>
    /// What remains to be done for eight columns once they are summed: the factors of softmax, the logarithms of log-softmax, or log-sum-exp itself. False, with nothing
    /// written, where the plain sum of one is not enough.
    /// </summary>
    private static bool TryFinish<TMode>(in Panel panel, int column, T* y, RowStates* states)
        where TMode : ISumMode
    {
        TryFrame<TMode>(panel, column, states);
        for (int r = 0; r < RowFinish.Rows; r++)
        {
            T* sum = (T*)((TVector*)states->Lanes + r), rest = (T*)((TVector*)states->MoreLanes + r);
            for (int lane = 0; lane < TVector.Count; lane++)
            {
                sum[lane] = ((T*)(panel.Sums + (lane * panel.Vectors)))[column + r];
                rest[lane] = ((T*)(panel.Rests + (lane * panel.Vectors)))[column + r];
            }
        }

        TVector.TotalOfEach((TVector*)states->Lanes, (TVector*)states->MoreLanes, states->Sums, states->SumErrors);
        if (typeof(TMode) == typeof(Plain))
        {
            (Vector512.Load(states->Exponents) - Vector512.Create((double)Weights<TVector, T>.Bias)).Store(states->Exponents);
            return Promise(states, RowFinish.Rows, y + column) == 0;
        }

        if (typeof(TMode) == typeof(Stored))
        {
            FindOthers(states);
            Reciprocals(Vector512.Create(1.0), states);
            Vector512.Load(states->Tails).Store(panel.Others + column);
        }
        else
        {
            Tails(Vector512.Load(states->Max), Vector512.Load(states->Second), states);
            Logs(states);
            SplitLogSums(states);
        }

        TVector.Load((T*)states->Highs).StoreFirst(panel.Highs + column, RowFinish.Rows);
        TVector.Load((T*)states->Lows).StoreFirst(panel.Lows + column, RowFinish.Rows);
        return true;
    }

    /// <summary><c>y = (weight - floor) * factor</c>, as <c>Multiply</c> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScatterProducts(in Panel panel, T* y, nint stride)
    {
        int width = panel.Width;
        T* highs = panel.Highs, lows = panel.Lows, floors = panel.Second, weights = panel.Elements, target = y;
        for (int column = 0; column < width; column += TVector.Count)
        {
            Floor(Weights<TVector, T>.Natural, TVector.Load(panel.Lowest + column), TVector.Load(panel.Frames + column)).Store(floors + column);
        }

        for (nint row = 0; row < panel.Length; row++, weights += width, target += stride)
        {
            for (int column = 0; column < width; column += TVector.Count)
            {
                TVector.Prefetch(target + (RowsAhead * stride) + column);
                TVector weight = TVector.Load(weights + column) - TVector.Load(floors + column);
                Times(weight, TVector.Load(highs + column), TVector.Load(lows + column)).Store(target + column);
            }
        }

        for (int column = 0; column < width; column++)
        {
            if (panel.Others[column] < FourUlps)
            {
                SetCertainOfColumn(y + column, stride, panel.Length, panel.Others[column]);
            }
        }
    }

    private static void SetCertainOfColumn(T* y, nint stride, nint length, double others)
    {
        T* row = stackalloc T[BlockLength];
        Transposition.Copy(y, 1, stride, 1, length, row, length, 1);
        SetCertain(row, length, 1, others);
        Transposition.Copy(row, length, 1, 1, length, y, 1, stride);
    }

    /// <summary><c>y = (x - high) - low</c>, as <c>Subtract</c> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScatterDifferences(in Panel panel, T* y, nint stride)
    {
        int width = panel.Width;
        T* highs = panel.Highs, lows = panel.Lows, x = panel.Elements;
        for (nint row = 0; row < panel.Length; row++, x += width, y += stride)
        {
            for (int column = 0; column < width; column += TVector.Count)
            {
                TVector.Prefetch(y + (RowsAhead * stride) + column);
                ((TVector.Load(x + column) - TVector.Load(highs + column)) - TVector.Load(lows + column)).Store(y + column);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <summary>The product of two matrices of logarithms, <c>z_ij = log sum_k e^(x_ik + y_kj)</c>.</summary>
/// <remarks>
/// <para>
/// Rows of x and columns of y are shifted by their largest element, and the exponentials multiplied as matrices: one multiplication and addition for each term instead of an exponential. What lies more than 173 nats below the
/// largest of its row or column is lost then, though it may be all that an entry has. So an entry that has come out below <c>depth * 2^-150</c>, where each lost term is below 2^-250, is computed again term by term, if anything has been lost at
/// all. The others are right to <c>(depth + 4) 2^-53</c>.
/// </para>
/// <para>Each entry of the product is one chain of fused operations in the order of k, whatever the tile and the width of vectors. Tasks are 96 columns.</para>
/// </remarks>
internal static unsafe class LogProduct<T>
    where T : unmanaged
{
    public static void Multiply(T* x, T* y, T* z, int rows, int depth, int columns, int threads)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported)
        {
            LogProduct<T, DoubleVector512>.Multiply(x, y, z, rows, depth, columns, threads);
        }
        else
        {
            LogProduct<T, DoubleVector256Pair>.Multiply(x, y, z, rows, depth, columns, threads);
        }
    }
}

/// <inheritdoc cref="LogProduct{T}"/>
internal static unsafe class LogProduct<T, TLanes>
    where T : unmanaged
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Columns of a panel: three vectors, so that four rows have twelve sums, more than two multipliers with a latency of four need.</summary>
    public const int PanelWidth = 24;

    private const int PanelsOfTask = 4;

    /// <summary>Terms that are e^-64 of the largest or less are left out: 2^31 of them are 2^-61 of it.</summary>
    private const double Reach = 64;

    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 4;

    public static void Multiply(T* x, T* y, T* z, int rows, int depth, int columns, int threads)
    {
        int paddedDepth = ChainSteps<TLanes>.Stride(Math.Max(1, depth)), paddedRows = (rows + TileRows - 1) / TileRows * TileRows, width = PanelWidth * PanelsOfTask;
        int tasks = (columns + width - 1) / width, workers = Math.Max(1, Math.Min(tasks, threads));
        nint panel = (nint)paddedDepth * PanelWidth, product = (nint)paddedRows * PanelWidth, perWorker = (3 * panel) + product + PanelWidth;
        using TileMemory left = new(2 * (nint)paddedRows * (paddedDepth + 1)), own = new(2 * workers * perWorker);
        double* weights = (double*)left.Floats, rowMaxima = weights + ((nint)paddedRows * paddedDepth);
        bool hasLost = false, isInvalid = false;
        for (int i = 0; i < paddedRows; i++)
        {
            double* row = weights + ((nint)i * paddedDepth);
            new Span<double>(row, paddedDepth).Fill(double.NegativeInfinity);
            if (i < rows)
            {
                ChainRows<T>.Load(x + ((nint)i * depth), depth, row);
            }

            isInvalid |= ChainSteps<TLanes>.IsInvalid(row, paddedDepth);
            double max = ChainSteps<TLanes>.Largest(row, paddedDepth);
            rowMaxima[i] = max;
            hasLost |= ChainSteps<TLanes>.Exponentiate(row, row, paddedDepth, double.IsFinite(max) ? max : 0);
        }

        TileTasks.Run(tasks, threads, (task, worker) =>
        {
            double* memory = (double*)own.Floats + (worker * perWorker);
            int end = Math.Min(columns, (task + 1) * width);
            for (int column = task * width; column < end; column += PanelWidth)
            {
                Panel(x, y, z, rows, depth, columns, column, Math.Min(PanelWidth, end - column), paddedDepth, weights, rowMaxima, hasLost, isInvalid, memory);
            }
        });
    }

    /// <summary>All rows of a few columns.</summary>
    private static void Panel(
        T* x, T* y, T* z, int rows, int depth, int columns, int first, int count, int paddedDepth, double* weights, double* rowMaxima, bool hasLost, bool isInvalid, double* memory)
    {
        nint size = (nint)paddedDepth * PanelWidth;
        double* logs = memory, panel = memory + size, column = panel + size, products = column + size, columnMaxima = products + ((nint)((rows + TileRows - 1) / TileRows * TileRows) * PanelWidth);
        new Span<double>(logs, (int)size).Fill(double.NegativeInfinity);
        for (int k = 0; k < depth; k++)
        {
            ChainRows<T>.Load(y + ((nint)k * columns) + first, count, logs + ((nint)k * PanelWidth));
        }

        isInvalid |= ChainSteps<TLanes>.IsInvalid(logs, (int)size);
        hasLost |= Exponentiate(logs, panel, columnMaxima, depth);
        for (int i = 0; i < rows; i += TileRows)
        {
            Tile(weights + ((nint)i * paddedDepth), paddedDepth, panel, depth, products + ((nint)i * PanelWidth));
        }

        double doubtful = depth * ChainState.Doubtful;
        double* row = column + paddedDepth;   // beside the column, which is as long as the depth
        for (int i = 0; i < rows; i++)
        {
            double* sums = products + ((nint)i * PanelWidth);
            uint small = Logarithms(sums, rowMaxima[i], columnMaxima, row, doubtful);
            if (small != 0 && hasLost && !isInvalid)
            {
                ChainRows<T>.Load(x + ((nint)i * depth), depth, column);
                Redo(column, logs, depth, sums, doubtful, row);
            }

            for (int j = 0; j < count && isInvalid; j++)
            {
                row[j] = Exact(x + ((nint)i * depth), y + first + j, columns, depth, column);
            }

            ChainRows<T>.Store(row, count, z + ((nint)i * columns) + first);
        }
    }

    /// <summary>Doubtful entries of a row term by term, the columns in the lanes: the largest term, then those that are near it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Redo(double* x, double* logs, int depth, double* sums, double doubtful, double* destination)
    {
        TLanes least = TLanes.Create(doubtful), nothing = TLanes.Create(double.NegativeInfinity);
        for (int j = 0; j < PanelWidth; j += TLanes.Count)
        {
            TLanes isDoubtful = TLanes.Less(TLanes.Load(sums + j), least);
            if (TLanes.Bits(isDoubtful) == 0)
            {
                continue;
            }

            double* y = logs + j;
            TLanes even = nothing, odd = nothing;
            int k = 0;
            for (; k + 1 < depth; k += 2, y += 2 * PanelWidth)
            {
                even = TLanes.Max(TLanes.Create(x[k]) + TLanes.Load(y), even);
                odd = TLanes.Max(TLanes.Create(x[k + 1]) + TLanes.Load(y + PanelWidth), odd);
            }

            if (k < depth)
            {
                even = TLanes.Max(TLanes.Create(x[k]) + TLanes.Load(y), even);
            }

            TLanes max = TLanes.Max(even, odd), sum = TLanes.Create(0), bound = max - TLanes.Create(Reach), minus = -TLanes.Select(TLanes.Equal(max, nothing), sum, max);
            y = logs + j;
            for (k = 0; k < depth; k++, y += PanelWidth)
            {
                TLanes left = TLanes.Create(x[k]), right = TLanes.Load(y), isNear = TLanes.Less(bound, left + right);
                if (TLanes.Bits(isNear) != 0)
                {
                    sum += TLanes.Select(isNear, ChainSteps<TLanes>.Exp(left, right, minus), TLanes.Create(0));
                }
            }

            TLanes log = TLanes.Select(TLanes.Equal(max, nothing), nothing, Elementary<TLanes, ForDouble>.Log(sum).Value - minus);
            TLanes.Select(isDoubtful, log, TLanes.Load(destination + j)).Store(destination + j);
        }
    }

    /// <summary>An entry as a log-sum-exp, with the rules for NaN and infinities.</summary>
    private static double Exact(T* x, T* y, nint stride, int depth, double* terms)
    {
        ChainRows<T>.Load(x, depth, terms);
        double other;
        for (int k = 0; k < depth; k++)
        {
            ChainRows<T>.Load(y + (k * stride), 1, &other);
            terms[k] += other;
        }

        double result;
        Rows.LogSumExp(terms, 1, depth, &result, 1);
        return result;
    }

    /// <summary>e^(y - max) of each column; whether any is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Exponentiate(double* logs, double* panel, double* maxima, int depth)
    {
        bool hasLost = false;
        double* shifts = stackalloc double[PanelWidth];
        for (int j = 0; j < PanelWidth; j += TLanes.Count)
        {
            TLanes max = TLanes.Create(double.NegativeInfinity);
            for (int k = 0; k < depth; k++)
            {
                max = TLanes.Max(max, TLanes.Load(logs + ((nint)k * PanelWidth) + j));
            }

            max.Store(maxima + j);
        }

        for (int j = 0; j < PanelWidth; j++)
        {
            shifts[j] = double.IsFinite(maxima[j]) ? maxima[j] : 0;
        }

        for (int k = 0; k < depth; k++)
        {
            hasLost |= ChainSteps<TLanes>.Exponentiate(logs + ((nint)k * PanelWidth), panel + ((nint)k * PanelWidth), PanelWidth, shifts);
        }

        return hasLost;
    }

    /// <summary>Logarithms of a row of sums with the shifts put back; bits are set if a sum is doubtful.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Logarithms(double* sums, double rowMax, double* columnMaxima, double* destination, double doubtful)
    {
        uint small = 0;
        TLanes least = TLanes.Create(doubtful), shift = TLanes.Create(rowMax), zero = TLanes.Create(0);
        for (int j = 0; j < PanelWidth; j += TLanes.Count)
        {
            TLanes sum = TLanes.Load(sums + j), isZero = TLanes.Equal(sum, zero);
            small |= TLanes.BitsOfLess(sum, least);
            Pair<TLanes, ForDouble> max = Pair<TLanes, ForDouble>.Sum(shift, TLanes.Load(columnMaxima + j));
            TLanes log = max.High + (max.Low + Elementary<TLanes, ForDouble>.Log(sum).Value);
            TLanes.Select(isZero, TLanes.Create(double.NegativeInfinity), log).Store(destination + j);
        }

        return small;
    }

    /// <summary>Four rows by three vectors: twelve sums where registers have 512 bits, three times eight halves where they have 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(double* a, nint stride, double* b, int depth, double* c)
    {
        if (typeof(TLanes) == typeof(DoubleVector512))
        {
            WholeTile(a, stride, b, depth, c);
            return;
        }

        for (int j = 0; j < PanelWidth; j += TLanes.Count)
        {
            TLanes c0 = TLanes.Create(0), c1 = c0, c2 = c0, c3 = c0;
            double* row = a, panel = b + j;
            for (int k = 0; k < depth; k++, row++, panel += PanelWidth)
            {
                TLanes y = TLanes.Load(panel);
                c0 = TLanes.FusedMultiplyAdd(TLanes.Create(row[0]), y, c0);
                c1 = TLanes.FusedMultiplyAdd(TLanes.Create(row[stride]), y, c1);
                c2 = TLanes.FusedMultiplyAdd(TLanes.Create(row[2 * stride]), y, c2);
                c3 = TLanes.FusedMultiplyAdd(TLanes.Create(row[3 * stride]), y, c3);
            }

            c0.Store(c + j);
            c1.Store(c + j + PanelWidth);
            c2.Store(c + j + (2 * PanelWidth));
            c3.Store(c + j + (3 * PanelWidth));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WholeTile(double* a, nint stride, double* b, int depth, double* c)
    {
        TLanes c00 = TLanes.Create(0), c01 = c00, c02 = c00, c10 = c00, c11 = c00, c12 = c00, c20 = c00, c21 = c00, c22 = c00, c30 = c00, c31 = c00, c32 = c00;
        double* a1 = a + stride, a2 = a1 + stride, a3 = a2 + stride;
        for (nint k = 0; k < depth; k++, b += PanelWidth)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + 8), b2 = TLanes.Load(b + 16), x = TLanes.Create(a[k]);
            c00 = TLanes.FusedMultiplyAdd(x, b0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, b1, c01);
            c02 = TLanes.FusedMultiplyAdd(x, b2, c02);
            x = TLanes.Create(a1[k]);
            c10 = TLanes.FusedMultiplyAdd(x, b0, c10);
            c11 = TLanes.FusedMultiplyAdd(x, b1, c11);
            c12 = TLanes.FusedMultiplyAdd(x, b2, c12);
            x = TLanes.Create(a2[k]);
            c20 = TLanes.FusedMultiplyAdd(x, b0, c20);
            c21 = TLanes.FusedMultiplyAdd(x, b1, c21);
            c22 = TLanes.FusedMultiplyAdd(x, b2, c22);
            x = TLanes.Create(a3[k]);
            c30 = TLanes.FusedMultiplyAdd(x, b0, c30);
            c31 = TLanes.FusedMultiplyAdd(x, b1, c31);
            c32 = TLanes.FusedMultiplyAdd(x, b2, c32);
        }

        Store(c00, c01, c02, c);
        Store(c10, c11, c12, c + PanelWidth);
        Store(c20, c21, c22, c + (2 * PanelWidth));
        Store(c30, c31, c32, c + (3 * PanelWidth));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TLanes x, TLanes y, TLanes z, double* c)
    {
        x.Store(c);
        y.Store(c + 8);
        z.Store(c + 16);
    }
}

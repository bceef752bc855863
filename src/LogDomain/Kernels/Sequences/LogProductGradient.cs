using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <summary>
/// The derivatives of <see cref="LogProduct{T}"/>. With the weights <c>p_ikj = e^(x_ik + y_kj - z_ij)</c>, which sum to 1 over k, those by x are <c>sum_j g_ij p_ikj</c> and those by y <c>sum_i g_ij p_ikj</c>.
/// </summary>
/// <remarks>
/// <para>
/// With rows of x and columns of y relative to their largest, <c>X = e^(x - a)</c> and <c>Y = e^(y - b)</c>, the first is <c>X * ((G / XY) Y^T)</c>: two products of matrices and no exponential for a term. The derivative by y is that of the
/// transposed product by its left factor. XY is computed here, in double: from z rounded to T the weights would not sum to 1.
/// </para>
/// <para>
/// What is lost in X and Y (below 2^-250) is put back where it can count. An entry of XY below <c>depth * 2^-150</c> has its weights computed term by term. A derivative has its sum computed term by term if its element of x has been lost, or if one
/// of y has been lost and the sum is so small, 2^-190 of <c>sum |G / XY|</c>, that terms below 2^-250 of that are more than 2^-60 of it. Where XY is 0, nothing is possible and the derivative is 0 whatever g is.
/// </para>
/// </remarks>
internal static unsafe class LogProductGradient<T>
    where T : unmanaged
{
    /// <summary>Computes the derivatives that are not null.</summary>
    public static void Compute(T* x, T* y, T* upstream, T* byX, T* byY, int rows, int depth, int columns, int threads)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported)
        {
            Compute<DoubleVector512>(x, y, upstream, byX, byY, rows, depth, columns, threads);
        }
        else
        {
            Compute<DoubleVector256Pair>(x, y, upstream, byX, byY, rows, depth, columns, threads);
        }
    }

    private static void Compute<TLanes>(T* x, T* y, T* upstream, T* byX, T* byY, int rows, int depth, int columns, int threads)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int wideRows = ChainSteps<TLanes>.Stride(rows), wideDepth = ChainSteps<TLanes>.Stride(depth), wideColumns = ChainSteps<TLanes>.Stride(columns);
        nint left = (nint)rows * wideDepth, right = (nint)depth * wideColumns, top = (nint)rows * wideColumns;
        nint turnedLeft = (nint)depth * wideRows, turnedRight = (nint)columns * wideDepth, turnedTop = (nint)columns * wideRows;
        using TileMemory memory = new(2 * (left + right + top + turnedLeft + turnedRight + turnedTop));
        double* wideX = (double*)memory.Floats, wideY = wideX + left, wideG = wideY + right, turnedX = wideG + top, turnedY = turnedX + turnedLeft, turnedG = turnedY + turnedRight;
        Load(x, rows, depth, wideX, wideDepth, turnedX, wideRows, double.NegativeInfinity);
        Load(y, depth, columns, wideY, wideColumns, turnedY, wideDepth, double.NegativeInfinity);
        Load(upstream, rows, columns, wideG, wideColumns, turnedG, wideRows, 0);
        if (byX != null)
        {
            using LeftDerivative<TLanes> derivative = new(wideX, wideY, turnedY, wideG, rows, depth, columns);
            derivative.Compute(threads, (row, source) => ChainRows<T>.Store(source, depth, byX + ((nint)row * depth)));
        }

        if (byY != null)
        {
            using LeftDerivative<TLanes> derivative = new(turnedY, turnedX, wideX, turnedG, columns, depth, rows);
            derivative.Compute(threads, (column, source) =>
            {
                for (int k = 0; k < depth; k++)
                {
                    byY[((nint)k * columns) + column] = ChainRows<T>.Round(source[k]);
                }
            });
        }
    }

    /// <summary>A matrix as doubles, and transposed.</summary>
    private static void Load(T* source, int rows, int columns, double* matrix, int stride, double* turned, int turnedStride, double fill)
    {
        for (int i = 0; i < rows; i++)
        {
            double* row = matrix + ((nint)i * stride);
            ChainRows<T>.Load(source + ((nint)i * columns), columns, row);
            new Span<double>(row + columns, stride - columns).Fill(fill);
        }

        for (int j = 0; j < columns; j++)
        {
            double* row = turned + ((nint)j * turnedStride);
            for (int i = 0; i < rows; i++)
            {
                row[i] = matrix[((nint)i * stride) + j];
            }

            new Span<double>(row + rows, turnedStride - rows).Fill(fill);
        }
    }
}

/// <summary>The derivative of a product by its left factor. Matrices are rows of whole vectors, -infinity beyond the columns (0 in g).</summary>
internal sealed unsafe class LeftDerivative<TLanes> : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Rows of a task, for which each panel of the right side is read once; a number of its own, so that no bit depends on the threads.</summary>
    private const int TaskRows = 32;

    /// <summary>2^-190: sums below that part of their largest possible one may lack what has been lost.</summary>
    private const double Suspect = 6.372367644529809e-58;

    private const int PanelWidth = LogProduct<double, TLanes>.PanelWidth;
    private const int TileRows = LogProduct<double, TLanes>.TileRows;

    private readonly double* _x, _y, _turnedY, _g, _weights, _rowMaxima, _columnMaxima, _panels, _turnedPanels;
    private readonly int _rows, _depth, _columns, _wideDepth, _wideColumns, _columnPanels, _depthPanels;
    private readonly bool[] _rowHasLost, _rightHasLost, _rowIsInvalid;
    private readonly bool _anyRightHasLost, _rightIsInvalid;
    private readonly TileMemory _memory;

    public LeftDerivative(double* x, double* y, double* turnedY, double* g, int rows, int depth, int columns)
    {
        _x = x;
        _y = y;
        _turnedY = turnedY;
        _g = g;
        (_rows, _depth, _columns) = (rows, depth, columns);
        (_wideDepth, _wideColumns) = (ChainSteps<TLanes>.Stride(depth), ChainSteps<TLanes>.Stride(columns));
        (_columnPanels, _depthPanels) = ((columns + PanelWidth - 1) / PanelWidth, (depth + PanelWidth - 1) / PanelWidth);
        int paddedRows = (rows + TileRows - 1) / TileRows * TileRows;
        nint left = (nint)paddedRows * _wideDepth, right = (nint)depth * _wideColumns, panels = (nint)_columnPanels * PanelWidth * depth, turned = (nint)_depthPanels * PanelWidth * columns;
        _memory = new(2 * (left + rows + _wideColumns + _wideColumns + right + panels + turned));
        _weights = (double*)_memory.Floats;
        _panels = _weights + left;
        _turnedPanels = _panels + panels;
        double* weightsOfRight = _turnedPanels + turned, shifts = weightsOfRight + right;
        _columnMaxima = shifts + _wideColumns;
        _rowMaxima = _columnMaxima + _wideColumns;
        (_rowHasLost, _rowIsInvalid, _rightHasLost) = (new bool[rows], new bool[rows], new bool[depth]);
        new Span<double>(_weights, (int)left).Clear();
        for (int i = 0; i < rows; i++)
        {
            double* row = x + ((nint)i * _wideDepth);
            double max = depth == 0 ? double.NegativeInfinity : ChainSteps<TLanes>.Largest(row, _wideDepth);
            _rowMaxima[i] = double.IsFinite(max) ? max : 0;
            _rowIsInvalid[i] = ChainSteps<TLanes>.IsInvalid(row, _wideDepth);
            _rowHasLost[i] = ChainSteps<TLanes>.Exponentiate(row, _weights + ((nint)i * _wideDepth), _wideDepth, _rowMaxima[i]);
        }

        new Span<double>(_columnMaxima, _wideColumns).Fill(double.NegativeInfinity);
        for (int k = 0; k < depth; k++)
        {
            double* row = y + ((nint)k * _wideColumns);
            _rightIsInvalid |= ChainSteps<TLanes>.IsInvalid(row, _wideColumns);
            ChainSteps<TLanes>.Max(_columnMaxima, row, _columnMaxima, _wideColumns);
        }

        for (int j = 0; j < _wideColumns; j++)
        {
            _columnMaxima[j] = double.IsFinite(_columnMaxima[j]) ? _columnMaxima[j] : 0;
        }

        for (int k = 0; k < depth; k++)
        {
            _rightHasLost[k] = ChainSteps<TLanes>.Exponentiate(y + ((nint)k * _wideColumns), weightsOfRight + ((nint)k * _wideColumns), _wideColumns, _columnMaxima);
            _anyRightHasLost |= _rightHasLost[k];
        }

        Pack(weightsOfRight);
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Receives a row of derivatives.</summary>
    public delegate void Receiver(int row, double* derivatives);

    public void Compute(int threads, Receiver receive)
    {
        int tasks = (_rows + TaskRows - 1) / TaskRows, workers = Math.Max(1, Math.Min(tasks, threads)), wide = _columnPanels * PanelWidth, wideDepth = _depthPanels * PanelWidth;
        nint perWorker = ((nint)TaskRows * (wide + wideDepth)) + wideDepth + wide + (PanelWidth * TileRows);
        using TileMemory own = new(2 * workers * perWorker);
        TileTasks.Run(tasks, threads, (task, worker) =>
        {
            double* ratios = (double*)own.Floats + (worker * perWorker), sums = ratios + ((nint)TaskRows * wide), extra = sums + ((nint)TaskRows * wideDepth), scratch = extra + wideDepth;
            int first = task * TaskRows, count = Math.Min(TaskRows, _rows - first);
            Ratios(first, count, ratios, wide, scratch);
            for (int panel = 0; panel < _depthPanels; panel++)
            {
                for (int i = 0; i < count; i += TileRows)
                {
                    LogProduct<double, TLanes>.Tile(ratios + ((nint)i * wide), wide, _turnedPanels + ((nint)panel * PanelWidth * _columns), _columns, scratch);
                    for (int row = 0; row < TileRows; row++)
                    {
                        new ReadOnlySpan<double>(scratch + (row * PanelWidth), PanelWidth).CopyTo(new(sums + ((nint)(i + row) * wideDepth) + (panel * PanelWidth), PanelWidth));
                    }
                }
            }

            for (int i = 0; i < count; i++)
            {
                Row(first + i, ratios + ((nint)i * wide), sums + ((nint)i * wideDepth), extra, scratch);
                receive(first + i, sums + ((nint)i * wideDepth));
            }
        });
    }

    /// <summary>G / XY of some rows. An entry that may lack what has been lost, or that is 0, gets 0.</summary>
    private void Ratios(int first, int count, double* ratios, int wide, double* scratch)
    {
        int padded = (count + TileRows - 1) / TileRows * TileRows;
        for (int panel = 0; panel < _columnPanels; panel++)
        {
            int column = panel * PanelWidth, end = Math.Min(PanelWidth, _columns - column);
            for (int i = 0; i < padded; i += TileRows)
            {
                LogProduct<double, TLanes>.Tile(_weights + ((nint)(first + i) * _wideDepth), _wideDepth, _panels + ((nint)panel * PanelWidth * _depth), _depth, scratch);
                for (int row = 0; row < TileRows; row++)
                {
                    double* destination = ratios + ((nint)(i + row) * wide) + column;
                    double* g = _g + ((nint)(first + i + row) * _wideColumns) + column;
                    double doubtful = i + row < count && HasLost(first + i + row) ? _depth * ChainState.Doubtful : 0;
                    for (int j = 0; j < PanelWidth; j++)
                    {
                        double sum = scratch[(row * PanelWidth) + j];
                        destination[j] = i + row < count && j < end && sum > 0 && sum >= doubtful ? g[j] / sum : 0;
                    }
                }
            }
        }
    }

    private bool HasLost(int row) => _rowHasLost[row] || _anyRightHasLost;

    /// <summary>From sums to derivatives.</summary>
    private void Row(int i, double* ratios, double* sums, double* extra, double* scratch)
    {
        if (_rowIsInvalid[i] || _rightIsInvalid)
        {
            new Span<double>(sums, _depth).Fill(double.NaN);
            return;
        }

        double* weights = _weights + ((nint)i * _wideDepth);
        if (!HasLost(i))
        {
            for (int k = 0; k < _depth; k++)
            {
                sums[k] *= weights[k];
            }

            return;
        }

        double size = 0;
        for (int j = 0; j < _columns; j++)
        {
            size += Math.Abs(ratios[j]);
        }

        double* x = _x + ((nint)i * _wideDepth);
        for (int k = 0; k < _depth; k++)
        {
            bool isDoubtful = (weights[k] == 0 && x[k] > double.NegativeInfinity) || (_rightHasLost[k] && Math.Abs(sums[k]) < Suspect * size);
            sums[k] = isDoubtful ? SumOfTerms(x[k], _rowMaxima[i], _y + ((nint)k * _wideColumns), ratios) : sums[k] * weights[k];
        }

        for (int j = 0; j < _columns; j++)
        {
            double g = _g[((nint)i * _wideColumns) + j];
            if (ratios[j] == 0 && g != 0)
            {
                AddEntry(x, _turnedY + ((nint)j * _wideDepth), g, sums, extra);
            }
        }
    }

    /// <summary>sum_j ratio_j e^((x - a) + (y_j - b_j)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SumOfTerms(double x, double max, double* y, double* ratios)
    {
        TLanes sum = TLanes.Create(0), own = TLanes.Create(x), minus = TLanes.Create(-max);
        for (int j = 0; j < _wideColumns; j += TLanes.Count)
        {
            Pair<TLanes, ForDouble> first = Pair<TLanes, ForDouble>.Sum(own, minus), second = Pair<TLanes, ForDouble>.Sum(TLanes.Load(y + j), -TLanes.Load(_columnMaxima + j));
            sum = Add(TLanes.Load(ratios + j), first, second, sum);
        }

        return ChainSteps<TLanes>.Sum((double*)&sum, TLanes.Count);
    }

    /// <summary>sum + factor * e^(x + y), of which exponents below the lowest are left out, and so is what they have of NaN in their low parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Add(TLanes factor, Pair<TLanes, ForDouble> x, Pair<TLanes, ForDouble> y, TLanes sum)
    {
        Pair<TLanes, ForDouble> exponent = Pair<TLanes, ForDouble>.Sum(x.High, y.High);
        TLanes lowest = TLanes.Create(Lanes.LowestExponent), isPart = TLanes.Less(lowest, exponent.High);
        TLanes low = TLanes.Select(isPart, exponent.Low + (x.Low + y.Low), TLanes.Create(0));
        TLanes weight = Elementary<TLanes, ForDouble>.Exp(new Pair<TLanes, ForDouble>(TLanes.Max(lowest, exponent.High), low)).High;
        return TLanes.Select(isPart, TLanes.FusedMultiplyAdd(factor, weight, sum), sum);
    }

    /// <summary>Adds g times the weights of an entry, the terms of which are a row of x and a column of y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddEntry(double* x, double* y, double g, double* sums, double* terms)
    {
        ChainSteps<TLanes>.Add(x, y, terms, _wideDepth);
        double max = ChainSteps<TLanes>.Largest(terms, _wideDepth);
        if (double.IsNegativeInfinity(max))
        {
            return;
        }

        TLanes total = TLanes.Create(0), one = TLanes.Create(1);
        Pair<TLanes, ForDouble> minus = Pair<TLanes, ForDouble>.Of(-max, 0);
        for (int k = 0; k < _wideDepth; k += TLanes.Count)
        {
            TLanes term = Add(one, Pair<TLanes, ForDouble>.Sum(TLanes.Load(x + k), TLanes.Load(y + k)), minus, TLanes.Create(0));
            term.Store(terms + k);
            total += term;
        }

        double factor = g / ChainSteps<TLanes>.Sum((double*)&total, TLanes.Count);
        for (int k = 0; k < _depth; k++)
        {
            sums[k] = Math.FusedMultiplyAdd(factor, terms[k], sums[k]);
        }
    }

    /// <summary>The right side in panels of columns, and transposed in panels of its rows.</summary>
    private void Pack(double* weights)
    {
        for (int panel = 0; panel < _columnPanels; panel++)
        {
            int column = panel * PanelWidth, count = Math.Min(PanelWidth, _columns - column);
            for (int k = 0; k < _depth; k++)
            {
                double* destination = _panels + ((((nint)panel * _depth) + k) * PanelWidth);
                new ReadOnlySpan<double>(weights + ((nint)k * _wideColumns) + column, count).CopyTo(new(destination, count));
                new Span<double>(destination + count, PanelWidth - count).Clear();
            }
        }

        for (int panel = 0; panel < _depthPanels; panel++)
        {
            int row = panel * PanelWidth, count = Math.Min(PanelWidth, _depth - row);
            for (int j = 0; j < _columns; j++)
            {
                double* destination = _turnedPanels + ((((nint)panel * _columns) + j) * PanelWidth);
                for (int k = 0; k < count; k++)
                {
                    destination[k] = weights[((nint)(row + k) * _wideColumns) + j];
                }

                new Span<double>(destination + count, PanelWidth - count).Clear();
            }
        }
    }
}

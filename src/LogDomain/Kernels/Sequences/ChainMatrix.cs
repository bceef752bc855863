using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <summary>The transitions of a chain, for steps in both directions: <c>e^(A - max A)</c>, A itself, and both transposed; and the first again in the order in which steps read it.</summary>
internal sealed unsafe class ChainMatrix<TLanes> : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly TileMemory _memory;
    private readonly int _states, _stride;
    private readonly double* _weights, _weightsOfColumns, _logs, _logsOfColumns, _panels, _panelsOfColumns;
    private double _max;
    private bool _hasLost;

    public ChainMatrix(int states, int stride)
    {
        (_states, _stride) = (states, stride);
        nint size = (nint)stride * stride;
        bool hasPanels = ChainSteps<TLanes>.HasPanels(stride);
        _memory = new((hasPanels ? 12 : 8) * size);
        _weights = (double*)_memory.Floats;
        _weightsOfColumns = _weights + size;
        _logs = _weightsOfColumns + size;
        _logsOfColumns = _logs + size;
        _panels = hasPanels ? _logsOfColumns + size : null;
        _panelsOfColumns = _panels + size;
        new Span<double>(_weights, (int)(2 * size)).Clear();
        new Span<double>(_logs, (int)(2 * size)).Fill(double.NegativeInfinity);
    }

    /// <summary>Whether a score is NaN or +infinity.</summary>
    public bool IsInvalid { get; private set; }

    /// <summary>From states to their successors.</summary>
    public ChainStep Forward => new(_weights, _panels, _logsOfColumns, _max, _hasLost);

    /// <summary>From states to their predecessors.</summary>
    public ChainStep Backward => new(_weightsOfColumns, _panelsOfColumns, _logs, _max, _hasLost);

    /// <summary>Row i of the scores.</summary>
    public double* Logs(int i) => _logs + ((nint)i * _stride);

    /// <summary>Row i of <c>e^(A - max A)</c>.</summary>
    public double* Weights(int i) => _weights + ((nint)i * _stride);

    /// <summary>Column j of <c>e^(A - max A)</c>.</summary>
    public double* WeightsOfColumn(int j) => _weightsOfColumns + ((nint)j * _stride);

    /// <summary>Column j of the scores.</summary>
    public double* LogsOfColumn(int j) => _logsOfColumns + ((nint)j * _stride);

    public void Dispose() => _memory.Dispose();

    /// <summary>Takes a matrix in rows.</summary>
    public void Set<T>(T* scores)
        where T : unmanaged
    {
        double max = double.NegativeInfinity;
        IsInvalid = false;
        for (int i = 0; i < _states; i++)
        {
            ChainRows<T>.Load(scores + ((nint)i * _states), _states, Logs(i));
            for (int j = 0; j < _states; j++)
            {
                double score = Logs(i)[j];
                LogsOfColumn(j)[i] = score;
                max = score > max ? score : max;
                IsInvalid |= !(score < double.PositiveInfinity);
            }
        }

        _max = double.IsFinite(max) ? max : 0;
        _hasLost = ChainSteps<TLanes>.Exponentiate(_logs, _weights, (nint)_states * _stride, _max);
        for (int i = 0; i < _states; i++)
        {
            for (int j = 0; j < _states; j++)
            {
                _weightsOfColumns[((nint)j * _stride) + i] = Weights(i)[j];
            }
        }

        if (_panels != null)
        {
            ChainSteps<TLanes>.Pack(_weights, _panels, _states, _stride);
            ChainSteps<TLanes>.Pack(_weightsOfColumns, _panelsOfColumns, _states, _stride);
        }
    }
}

/// <summary>One step of a chain: <c>y_j = sum_i x_i weight_ij</c>.</summary>
/// <param name="weights">A row for each i, relative to the largest; below <see cref="ChainState.Lost"/> they are 0.</param>
/// <param name="panels">The weights in panels, null if there are too many for that.</param>
/// <param name="logsOfColumns">For each j the logarithms of its column.</param>
/// <param name="max">The largest logarithm.</param>
/// <param name="hasLost">Whether a weight is 0 and its logarithm finite.</param>
internal readonly unsafe struct ChainStep(double* weights, double* panels, double* logsOfColumns, double max, bool hasLost)
{
    public double* Weights { get; } = weights;

    public double* Panels { get; } = panels;

    public double* LogsOfColumns { get; } = logsOfColumns;

    public double Max { get; } = max;

    public bool HasLost { get; } = hasLost;
}

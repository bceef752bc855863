using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <inheritdoc/>
/// <remarks>
/// <para>
/// A backward sweep makes <c>v_t(j)</c>, the sum over what may follow state j at position t with the score of j there, a forward sweep <c>s_t(j)</c>, the sum over what may come before it without that score. So
/// <c>s_t v_t</c>, divided by its sum, are the probabilities of the states at t, and <c>s_(t-1) e^(emission) e^(transition) v_t</c> those of pairs. Each row is divided by its own sum, so the factors of frames cancel.
/// </para>
/// <para>
/// The states of the backward sweep must be there when the forward one comes along. Of a long sequence only each n-th is kept, n being the root of its length, and a segment is computed again when it is needed: memory for
/// 2 sqrt(N) positions for one more sweep (A. Griewank and A. Walther, "Algorithm 799: revolve", ACM TOMS 26 (2000), with two levels). It changes no bit.
/// </para>
/// </remarks>
internal sealed unsafe partial class ChainRunner<T, TLanes> : ChainRunner<T>
    where T : unmanaged
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Numbers of a state that are kept as they are and as logarithms: up to 2 MB a sequence is kept as a whole.</summary>
    private const int MostKept = 1 << 17;

    private readonly int _states, _stride;
    private readonly T* _start, _end, _transitions;
    private readonly ChainMatrix<TLanes> _matrix;
    private readonly bool _ownsMatrix;
    private readonly TileMemory _memory;
    private readonly double* _startLogs, _startWeights, _endLogs, _row, _scratch, _zeros, _probabilities;
    private readonly double _startMax, _endMax;
    private readonly bool _startLost, _endsAreInvalid;
    private TileMemory _slots = new(0), _pairs = new(0);
    private bool[] _flags = [];
    private int _segment, _segments;
    private ChainState _one, _other, _third;
    private bool _isInvalid;

    public ChainRunner(int states, T* start, T* end, T* transitions, ChainMatrix<TLanes>? matrix = null)
    {
        _states = states;
        _stride = ChainSteps<TLanes>.Stride(states);
        _start = start;
        _end = end;
        _transitions = transitions;
        _ownsMatrix = matrix is null;
        _matrix = matrix ?? new(states, _stride);
        if (_ownsMatrix && transitions != null)
        {
            _matrix.Set(transitions);
        }

        const int Rows = 13;
        _memory = new(2 * Rows * (nint)_stride);   // a double is two floats
        double* rows = (double*)_memory.Floats;
        _startLogs = rows;
        _startWeights = rows + _stride;
        _endLogs = rows + (2 * _stride);
        _row = rows + (3 * _stride);
        _scratch = rows + (4 * _stride);
        _zeros = rows + (5 * _stride);
        _probabilities = rows + (6 * _stride);
        _one = new() { Linear = rows + (7 * _stride), Logs = rows + (8 * _stride) };
        _other = new() { Linear = rows + (9 * _stride), Logs = rows + (10 * _stride) };
        _third = new() { Linear = rows + (11 * _stride), Logs = rows + (12 * _stride) };
        new Span<double>(_zeros, _stride).Clear();
        new Span<double>(_row, _stride).Fill(double.NegativeInfinity);
        _startMax = LoadEnd(start, _startLogs);
        _startLost = ChainSteps<TLanes>.Exponentiate(_startLogs, _startWeights, _stride, double.IsFinite(_startMax) ? _startMax : 0);
        _endMax = LoadEnd(end, _endLogs);
        _endsAreInvalid = ChainSteps<TLanes>.IsInvalid(_startLogs, _stride) || ChainSteps<TLanes>.IsInvalid(_endLogs, _stride);
    }

    public override int Stride => _stride;

    public override ChainRunner<T> Fork() => new ChainRunner<T, TLanes>(_states, _start, _end, _transitions, _transitions == null ? null : _matrix);

    public override void Dispose()
    {
        _memory.Dispose();
        _slots.Dispose();
        _pairs.Dispose();
        if (_ownsMatrix)
        {
            _matrix.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double LogPartition(in ChainItem<T> item)
    {
        if (item.Count == 0)
        {
            return 0;
        }

        Begin();
        LogFrame frame = default;
        bool isPossible = FirstStep(ref _one, ref frame) && EmitRow(item, 0, ref _one, ref frame);
        for (int t = 1; t < item.Count && isPossible && !_isInvalid; t++)
        {
            ChainSteps<TLanes>.Step(Matrix(item, t).Forward, _one, ref _other, _states, _stride, ref frame, isReversed: (t & 1) != 0);
            isPossible = EmitRow(item, t, ref _other, ref frame);
            (_one, _other) = (_other, _one);
        }

        return Total(item, ref _one, isPossible, ref frame);
    }

    public override double Loss(in ChainItem<T> item, int* tags)
    {
        if (item.Count == 0)
        {
            return 0;
        }

        Begin();
        return Backward(item, tags, keeps: false);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Filter(in ChainItem<T> item, T* probabilities, T* logPartitions)
    {
        Begin();
        LogFrame frame = default;
        bool isPossible = FirstStep(ref _one, ref frame);
        for (int t = 0; t < item.Count; t++)
        {
            if (t > 0 && isPossible)
            {
                ChainSteps<TLanes>.Step(Matrix(item, t).Forward, _one, ref _other, _states, _stride, ref frame, isReversed: (t & 1) != 0);
                (_one, _other) = (_other, _one);
            }

            isPossible = isPossible && EmitRow(item, t, ref _one, ref frame);
            double total = isPossible ? Normalise(_one) : 0;
            double fill = _isInvalid ? double.NaN : 0;
            int row = item.Row(t);
            for (int j = 0; j < _states; j++)
            {
                probabilities[((nint)row * _states) + j] = ChainRows<T>.Round(isPossible && !_isInvalid ? _probabilities[j] : fill);
            }

            logPartitions[row] = ChainRows<T>.Round(_isInvalid ? double.NaN : isPossible ? frame.LogOf(total) : double.NegativeInfinity);
        }
    }

    /// <summary>The scores of first or last states, 0 where there are none, and the largest.</summary>
    private double LoadEnd(T* scores, double* destination)
    {
        new Span<double>(destination, _stride).Fill(double.NegativeInfinity);
        new Span<double>(destination, _states).Clear();
        if (scores != null)
        {
            ChainRows<T>.Load(scores, _states, destination);
        }

        return ChainSteps<TLanes>.Largest(destination, _stride);
    }

    /// <summary>The transitions that lead to position t.</summary>
    private ChainMatrix<TLanes> Matrix(in ChainItem<T> item, int t)
    {
        if (item.Transitions != null)
        {
            _matrix.Set(item.Transitions + ((nint)(item.Row(t) - 1) * _states * _states));
            _isInvalid |= _matrix.IsInvalid;
        }

        return _matrix;
    }

    private void Begin() => _isInvalid = _endsAreInvalid || (_transitions != null && _matrix.IsInvalid);

    /// <summary>Loads the scores of position t; the largest.</summary>
    private double LoadRow(in ChainItem<T> item, int t)
    {
        nint place = (nint)item.Row(t) * _states;
        double max = ChainSteps<TLanes>.Load(item.Emissions + place, _states, _stride, _row, out bool isInvalid);
        if (item.Allowed != null)
        {
            for (int j = 0; j < _states; j++)
            {
                _row[j] = item.Allowed[place + j] ? _row[j] : double.NegativeInfinity;
            }

            max = ChainSteps<TLanes>.Load(_row, _states, _stride, _row, out isInvalid);
        }

        _isInvalid |= isInvalid;
        return max;
    }

    private bool EmitRow(in ChainItem<T> item, int t, ref ChainState state, ref LogFrame frame)
    {
        double max = LoadRow(item, t);
        return !_isInvalid && ChainSteps<TLanes>.Emit(ref state, _row, max, _stride, ref frame, _scratch);
    }

    private bool FirstStep(ref ChainState state, ref LogFrame frame) => Ones(ref state) && ChainSteps<TLanes>.Emit(ref state, _startLogs, _startMax, _stride, ref frame, _scratch);

    private bool LastStep(ref ChainState state, ref LogFrame frame) => Ones(ref state) && ChainSteps<TLanes>.Emit(ref state, _endLogs, _endMax, _stride, ref frame, _scratch);

    private bool Ones(ref ChainState state)
    {
        if (_isInvalid)
        {
            return false;
        }

        new Span<double>(state.Linear, _stride).Clear();
        new Span<double>(state.Linear, _states).Fill(1);
        state.HasLogs = false;
        return true;
    }

    private double Total(in ChainItem<T> item, ref ChainState last, bool isPossible, ref LogFrame frame)
    {
        isPossible = isPossible && !_isInvalid && (_end == null || ChainSteps<TLanes>.Emit(ref last, _endLogs, _endMax, _stride, ref frame, _scratch));
        return _isInvalid ? double.NaN : isPossible ? frame.LogOf(ChainSteps<TLanes>.Sum(last.Linear, _stride)) : double.NegativeInfinity;
    }

    /// <summary>
    /// The backward sweep. Returns the logarithm of the sum over all paths, or the loss of one. With <paramref name="keeps"/> the states of the first segment are in their slots then, and the first state of every other
    /// one is in its own.
    /// </summary>
    /// <remarks>
    /// The loss is the sum of <c>-log p(tag | tag before)</c>, and each of these is <c>log1p(others / tag)</c> of terms that are not negative: nothing cancels, and a path that is nearly certain has its loss to the last bits,
    /// which <c>logZ - score</c> does not have.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Backward(in ChainItem<T> item, int* tags, bool keeps)
    {
        LogFrame frame = default;
        ChainState next = default;
        double loss = 0;
        for (int t = item.Count - 1; t >= 0; t--)
        {
            ChainState state = keeps ? Slot(t % _segment) : (t & 1) == 0 ? _one : _other;
            bool isPossible = BackStep(item, t, next, ref state, tags, ref loss, ref frame);
            if (!isPossible || _isInvalid)
            {
                return _isInvalid ? double.NaN : tags == null ? double.NegativeInfinity : double.PositiveInfinity;
            }

            if (keeps)
            {
                _flags[t % _segment] = state.HasLogs;
                if (t % _segment == 0)
                {
                    Copy(state, Slot(_segment + (t / _segment)));
                    _flags[_segment + (t / _segment)] = state.HasLogs;
                }
            }

            next = state;
        }

        if (tags != null)
        {
            loss += Term(next, _startWeights, _startLogs, _startLost, tags[item.Row(0)]);
        }

        Copy(next, _third);
        _third.HasLogs = next.HasLogs;
        bool canStart = ChainSteps<TLanes>.Emit(ref _third, _startLogs, _startMax, _stride, ref frame, _scratch);
        return tags != null ? (canStart ? loss : double.PositiveInfinity)
            : canStart ? frame.LogOf(ChainSteps<TLanes>.Sum(_third.Linear, _stride)) : double.NegativeInfinity;
    }

    /// <summary>From the backward state after position t to that of t, and the loss of the tag after it.</summary>
    private bool BackStep(in ChainItem<T> item, int t, in ChainState next, ref ChainState state, int* tags, ref double loss, ref LogFrame frame)
    {
        if (t == item.Count - 1)
        {
            return LastStep(ref state, ref frame) && EmitRow(item, t, ref state, ref frame);
        }

        ChainMatrix<TLanes> matrix = Matrix(item, t + 1);
        if (tags != null)
        {
            int from = tags[item.Row(t)];
            loss += Term(next, matrix.Weights(from), matrix.Logs(from), matrix.Backward.HasLost, tags[item.Row(t + 1)]);
        }

        ChainSteps<TLanes>.Step(matrix.Backward, next, ref state, _states, _stride, ref frame, isReversed: (t & 1) != 0);
        return EmitRow(item, t, ref state, ref frame);
    }

    /// <summary>Computes the backward states of a segment again.</summary>
    private void FillSegment(in ChainItem<T> item, int segment)
    {
        LogFrame frame = default;
        double loss = 0;
        int first = segment * _segment, end = Math.Min(first + _segment, item.Count);
        ChainState next = end < item.Count ? Slot(_segment + segment + 1) : default;
        for (int t = end - 1; t >= first; t--)
        {
            ChainState state = Slot(t - first);
            _ = BackStep(item, t, next, ref state, null, ref loss, ref frame);
            _flags[t - first] = state.HasLogs;
            next = state;
        }
    }

    /// <summary>-log of one number as a part of all: <c>log1p(others / tag)</c> of <c>weight * state</c>.</summary>
    private double Term(in ChainState state, double* weights, double* logs, bool hasLost, int tag)
    {
        ChainSteps<TLanes>.Multiply(weights, state.Linear, _scratch, _stride);
        double own = _scratch[tag];
        _scratch[tag] = 0;
        double others = ChainSteps<TLanes>.Sum(_scratch, _stride), doubtful = _states * ChainState.Doubtful;
        if (own > 0 && ((!hasLost && !state.HasLogs) || (own >= doubtful && others >= doubtful)))
        {
            return ScalarFunctions.Log1P(others / own);
        }

        ChainSteps<TLanes>.Add(logs, ChainSteps<TLanes>.Logs(state, _stride), _scratch, _stride);
        own = _scratch[tag];
        _scratch[tag] = double.NegativeInfinity;
        double rest = ChainSteps<TLanes>.LogSumExp(_scratch, _zeros, _stride) - own;
        return double.IsNegativeInfinity(own) ? double.PositiveInfinity
            : rest > 0 ? rest + ScalarFunctions.Log1P(ScalarFunctions.Exp(-rest)) : ScalarFunctions.Log1P(ScalarFunctions.Exp(rest));
    }

    /// <summary>Makes room for a sequence: a slot for each position of a segment, and one for the first of each segment.</summary>
    private void Reserve(int count)
    {
        _segment = (long)count * _stride <= MostKept ? count : Math.Max(2, (int)Math.Ceiling(Math.Sqrt(count)));
        _segments = (count + _segment - 1) / _segment;
        int slots = _segment + _segments;
        nint floats = 4 * (nint)slots * _stride;
        if (_slots.Length < floats)
        {
            _slots.Dispose();
            _slots = new(floats);
        }

        if (_flags.Length < slots)
        {
            _flags = new bool[slots];
        }
    }

    private ChainState Slot(int index)
    {
        double* numbers = (double*)_slots.Floats + (2 * (nint)index * _stride);
        return new() { Linear = numbers, Logs = numbers + _stride, HasLogs = _flags[index] };
    }

    private void Copy(in ChainState from, in ChainState to)
    {
        new ReadOnlySpan<double>(from.Linear, _stride).CopyTo(new(to.Linear, _stride));
        if (from.HasLogs)
        {
            new ReadOnlySpan<double>(from.Logs, _stride).CopyTo(new(to.Logs, _stride));
        }
    }

    /// <summary>Probabilities of the states; returns their sum before.</summary>
    private double Normalise(in ChainState state)
    {
        double total = ChainSteps<TLanes>.Sum(state.Linear, _stride);
        if (state.HasLogs)
        {
            _ = ChainSteps<TLanes>.Normalise(state.Logs, _probabilities, _stride);
        }
        else
        {
            ChainSteps<TLanes>.Divide(state.Linear, total, _probabilities, _stride);
        }

        return total;
    }
}

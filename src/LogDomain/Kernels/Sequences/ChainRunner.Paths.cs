using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Sequences;

/// <content>The best path, and paths drawn at random: a forward sweep, and choices from the end to the start.</content>
internal sealed unsafe partial class ChainRunner<T, TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double BestPath(in ChainItem<T> item, int* path)
    {
        if (item.Count == 0)
        {
            return 0;
        }

        Begin();
        Reserve(item.Count);
        int last = item.Count - 1, tag = -1;
        for (int t = 0; t <= last; t++)
        {
            BestStep(item, t);
        }

        double* end = _probabilities;
        ChainSteps<TLanes>.Add(Slot(last % _segment).Linear, _endLogs, end, _stride);
        if (_isInvalid || double.IsNegativeInfinity(ChainSteps<TLanes>.Largest(end, _stride)))
        {
            Nothing(item, path);
            return _isInvalid ? double.NaN : double.NegativeInfinity;
        }

        for (int t = last; t >= 0; t--)
        {
            if (t < last && t % _segment == _segment - 1)
            {
                for (int u = t - _segment + 1; u <= t; u++)
                {
                    BestStep(item, u);
                }
            }

            if (t < last)
            {
                ChainSteps<TLanes>.Add(Slot(t % _segment).Linear, Matrix(item, t + 1).LogsOfColumn(tag), end, _stride);
            }

            tag = IndexOfLargest(end, _states);
            path[item.Row(t)] = tag;
        }

        return Score(item, path);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sample(in ChainItem<T> item, int* paths, nint pathStride, int count, ulong seed, ulong stream)
    {
        if (item.Count == 0)
        {
            return;
        }

        Begin();
        Reserve(item.Count);
        LogFrame frame = default;
        int last = item.Count - 1;
        bool isPossible = true;
        for (int t = 0; t <= last && isPossible; t++)
        {
            isPossible = SumStep(item, t, ref frame);
        }

        if (isPossible)
        {
            ChainState end = Slot(last % _segment);
            Copy(end, _third);
            _third.HasLogs = end.HasLogs;
            isPossible = ChainSteps<TLanes>.Emit(ref _third, _endLogs, _endMax, _stride, ref frame, _scratch);
        }

        for (int k = 0; k < count && !isPossible; k++)
        {
            Nothing(item, paths + (k * pathStride));
        }

        for (int t = last; t >= 0 && isPossible; t--)
        {
            if (t < last && t % _segment == _segment - 1)
            {
                for (int u = t - _segment + 1; u <= t; u++)
                {
                    _ = SumStep(item, u, ref frame);
                }
            }

            ChainMatrix<TLanes> matrix = t < last ? Matrix(item, t + 1) : _matrix;
            ChainState state = t < last ? Slot(t % _segment) : _third;
            for (int k = 0; k < count; k++)
            {
                int* path = paths + (k * pathStride);
                int after = t < last ? path[item.Row(t + 1)] : -1;
                Weigh(state, matrix, after);
                path[item.Row(t)] = Draw(new Philox(seed, stream + (ulong)k).Uniform((ulong)t));
            }
        }
    }

    /// <summary>The best score of a path to each state at position t, in its slot; that of the last position of a segment is kept for the next.</summary>
    private void BestStep(in ChainItem<T> item, int t)
    {
        ChainState state = Slot(t % _segment);
        if (t == 0)
        {
            new ReadOnlySpan<double>(_startLogs, _stride).CopyTo(new(state.Linear, _stride));
        }
        else
        {
            ChainSteps<TLanes>.Best(Matrix(item, t).Logs(0), Before(t).Linear, state.Linear, _states, _stride);
        }

        _ = LoadRow(item, t);
        ChainSteps<TLanes>.Add(state.Linear, _row, state.Linear, _stride);
        Keep(t, state);
    }

    private bool SumStep(in ChainItem<T> item, int t, ref LogFrame frame)
    {
        ChainState state = Slot(t % _segment);
        bool isPossible = true;
        if (t == 0)
        {
            isPossible = FirstStep(ref state, ref frame);
        }
        else
        {
            ChainSteps<TLanes>.Step(Matrix(item, t).Forward, Before(t), ref state, _states, _stride, ref frame, isReversed: (t & 1) != 0);
        }

        isPossible = isPossible && EmitRow(item, t, ref state, ref frame);
        Keep(t, state);
        return isPossible;
    }

    /// <summary>The forward state before position t; before the first of a segment it has a slot of its own.</summary>
    private ChainState Before(int t) => Slot(t % _segment == 0 ? _segment + (t / _segment) : (t - 1) % _segment);

    private void Keep(int t, in ChainState state)
    {
        _flags[t % _segment] = state.HasLogs;
        if ((t + 1) % _segment == 0 && (t + 1) / _segment < _segments)
        {
            int slot = _segment + ((t + 1) / _segment);
            Copy(state, Slot(slot));
            _flags[slot] = state.HasLogs;
        }
    }

    /// <summary>Weights of the states that may come before another, in <see cref="_probabilities"/>; after the last there is none.</summary>
    private void Weigh(in ChainState state, ChainMatrix<TLanes> matrix, int after)
    {
        if (after < 0)
        {
            _ = Normalise(state);
            return;
        }

        ChainSteps<TLanes>.Multiply(state.Linear, matrix.WeightsOfColumn(after), _probabilities, _stride);
        if ((state.HasLogs || matrix.Forward.HasLost) && ChainSteps<TLanes>.Sum(_probabilities, _stride) < _states * ChainState.Doubtful)
        {
            ChainSteps<TLanes>.Add(ChainSteps<TLanes>.Logs(state, _stride), matrix.LogsOfColumn(after), _scratch, _stride);
            _ = ChainSteps<TLanes>.Normalise(_scratch, _probabilities, _stride);
        }
    }

    /// <summary>The state in whose part of the sum the number falls; never one of weight 0.</summary>
    private int Draw(double uniform)
    {
        double sum = 0;
        for (int j = 0; j < _states; j++)
        {
            sum += _probabilities[j];
        }

        double rest = uniform * sum;
        int drawn = -1;
        for (int j = 0; j < _states && rest >= 0; j++)
        {
            rest -= _probabilities[j];
            drawn = _probabilities[j] > 0 ? j : drawn;
        }

        return drawn;
    }

    /// <summary>The score of a path, rounded once.</summary>
    private double Score(in ChainItem<T> item, int* path)
    {
        TripleSum sum = default;
        for (int t = 0; t < item.Count; t++)
        {
            _ = LoadRow(item, t);
            int tag = path[item.Row(t)];
            sum.Add(_row[tag]);
            sum.Add(t == 0 ? _startLogs[tag] : Matrix(item, t).Logs(path[item.Row(t - 1)])[tag]);
        }

        sum.Add(_endLogs[path[item.Row(item.Count - 1)]]);
        return sum.Value.Value;
    }

    private static int IndexOfLargest(double* x, int count)
    {
        int index = 0;
        for (int j = 1; j < count; j++)
        {
            index = x[j] > x[index] ? j : index;
        }

        return index;
    }

    private static void Nothing(in ChainItem<T> item, int* path)
    {
        for (int t = 0; t < item.Count; t++)
        {
            path[item.Row(t)] = -1;
        }
    }
}

using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Sequences;

/// <content>Probabilities of states and of pairs.</content>
internal sealed unsafe partial class ChainRunner<T, TLanes>
{
    /// <summary>Positions whose pairs are summed at once, as a product of matrices.</summary>
    private const int BlockPositions = 32;

    private double* _sums, _exactSums, _firsts, _seconds, _pair;
    private int _waiting;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double Gradient(in ChainItem<T> item, int* tags, in ChainGradient<T> gradient)
    {
        if (item.Count == 0)
        {
            return 0;
        }

        Begin();
        Reserve(item.Count);
        double value = Backward(item, tags, keeps: true);
        if (_isInvalid || double.IsInfinity(value))
        {
            // A path that is impossible among others that are not still has the gradient of those.
            if (_isInvalid || tags == null || double.IsNegativeInfinity(LogPartition(item)))
            {
                Fill(item, gradient, _isInvalid ? double.NaN : 0);
                return value;
            }

            Reserve(item.Count);
            _ = Backward(item, null, keeps: true);
        }

        if (gradient.HasPairs)
        {
            ReservePairs();
        }

        LogFrame frame = default;
        _ = FirstStep(ref _one, ref frame);
        for (int t = 0; t < item.Count; t++)
        {
            if (t > 0 && t % _segment == 0)
            {
                FillSegment(item, t / _segment);
            }

            ChainState backward = Slot(t % _segment);
            if (t > 0)
            {
                ChainSteps<TLanes>.Step(Matrix(item, t).Forward, _one, ref _other, _states, _stride, ref frame, isReversed: (t & 1) != 0);
                double total = Multiply(_other, backward);
                if (gradient.HasPairs)
                {
                    Pair(item, t, _one, backward, total, tags, gradient);
                }

                (_one, _other) = (_other, _one);
            }
            else
            {
                _ = Multiply(_one, backward);
            }

            Write(item, t, tags, gradient);
            _ = EmitRow(item, t, ref _one, ref frame);
        }

        if (gradient.PairSums != null)
        {
            AddBlock();
            AddSums(item, tags, gradient);
        }

        return value;
    }

    /// <summary>Probabilities from what may come before and what may follow; returns the sum before, without what has been lost.</summary>
    private double Multiply(in ChainState forward, in ChainState backward)
    {
        ChainSteps<TLanes>.Multiply(forward.Linear, backward.Linear, _probabilities, _stride);
        double total = ChainSteps<TLanes>.Sum(_probabilities, _stride);
        if (forward.HasLogs || backward.HasLogs)
        {
            ChainSteps<TLanes>.Add(ChainSteps<TLanes>.Logs(forward, _stride), ChainSteps<TLanes>.Logs(backward, _stride), _scratch, _stride);
            _ = ChainSteps<TLanes>.Normalise(_scratch, _probabilities, _stride);
            return total;
        }

        ChainSteps<TLanes>.Divide(_probabilities, total, _probabilities, _stride);
        return total;
    }

    /// <summary>Writes a row of probabilities; at the tag the derivative is minus the sum of the others, which <c>p - 1</c> would round.</summary>
    private void Write(in ChainItem<T> item, int t, int* tags, in ChainGradient<T> gradient)
    {
        int row = item.Row(t);
        if (tags != null)
        {
            _probabilities[tags[row]] = 0;
            _probabilities[tags[row]] = -ChainSteps<TLanes>.Sum(_probabilities, _stride);
        }

        if (gradient.Emissions != null)
        {
            T* destination = gradient.Emissions + ((nint)row * _states);
            for (int j = 0; j < _states; j++)
            {
                destination[j] = ChainRows<T>.Round(gradient.Scale * _probabilities[j]);
            }
        }

        AddRow(gradient.Scale, t == 0 ? gradient.Start : null);
        AddRow(gradient.Scale, t == item.Count - 1 ? gradient.End : null);
    }

    private void AddRow(double scale, double* destination)
    {
        for (int j = 0; j < _states && destination != null; j++)
        {
            destination[j] = Math.FusedMultiplyAdd(scale, _probabilities[j], destination[j]);
        }
    }

    /// <summary>The pairs that end at position t.</summary>
    private void Pair(in ChainItem<T> item, int t, in ChainState before, in ChainState backward, double total, int* tags, in ChainGradient<T> gradient)
    {
        ChainMatrix<TLanes> matrix = _matrix;
        bool isExact = total >= ChainState.Doubtful * _states || !(matrix.Forward.HasLost || before.HasLogs || backward.HasLogs);
        isExact &= total >= ChainState.Smallest;   // so that its reciprocal and the products with it are in range
        if (gradient.Pairs == null && isExact)
        {
            ChainSteps<TLanes>.Scale(before.Linear, 1 / total, _firsts + (_waiting * _stride), _stride);
            new ReadOnlySpan<double>(backward.Linear, _stride).CopyTo(new(_seconds + (_waiting * _stride), _stride));
            if (++_waiting == BlockPositions)
            {
                AddBlock();
            }

            return;
        }

        nint size = (nint)_states * _stride;
        if (isExact && !(matrix.Forward.HasLost || before.HasLogs || backward.HasLogs))
        {
            for (int i = 0; i < _states; i++)
            {
                ChainSteps<TLanes>.Multiply(matrix.Weights(i), backward.Linear, _pair + ((nint)i * _stride), _stride);
                ChainSteps<TLanes>.Scale(_pair + ((nint)i * _stride), before.Linear[i] / total, _pair + ((nint)i * _stride), _stride);
            }
        }
        else
        {
            double* logsBefore = ChainSteps<TLanes>.Logs(before, _stride), logs = ChainSteps<TLanes>.Logs(backward, _stride);
            for (int i = 0; i < _states; i++)
            {
                new Span<double>(_scratch, _stride).Fill(logsBefore[i]);
                ChainSteps<TLanes>.Add(_scratch, logs, _pair + ((nint)i * _stride), _stride);
                ChainSteps<TLanes>.Add(matrix.Logs(i), _pair + ((nint)i * _stride), _pair + ((nint)i * _stride), _stride);
            }

            _ = ChainSteps<TLanes>.Normalise(_pair, _pair, (int)size);
        }

        if (gradient.PairSums != null)
        {
            ChainSteps<TLanes>.Add(_pair, _exactSums, _exactSums, (int)size);
        }

        if (gradient.Pairs == null)
        {
            return;
        }

        if (tags != null)
        {
            double* own = _pair + ((nint)tags[item.Row(t - 1)] * _stride) + tags[item.Row(t)];
            *own = 0;
            *own = -ChainSteps<TLanes>.Sum(_pair, (int)size);
        }

        T* destination = gradient.Pairs + ((nint)(item.Row(t) - 1) * _states * _states);
        for (int i = 0; i < _states; i++)
        {
            for (int j = 0; j < _states; j++)
            {
                *destination++ = ChainRows<T>.Round(gradient.Scale * _pair[((nint)i * _stride) + j]);
            }
        }
    }

    /// <summary>Adds the products of the positions that wait to the sums, which lack the weights of the transitions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBlock()
    {
        double* firsts = _firsts, seconds = _seconds, sums = _sums;
        int stride = _stride, waiting = _waiting;
        for (int i = 0; i < stride; i += 4)
        {
            for (int j = 0; j < stride; j += TLanes.Count)
            {
                double* row = sums + ((nint)i * stride) + j, first = firsts + i, second = seconds + j;
                TLanes sum0 = TLanes.Load(row), sum1 = TLanes.Load(row + stride), sum2 = TLanes.Load(row + (2 * stride)), sum3 = TLanes.Load(row + (3 * stride));
                for (int n = 0; n < waiting; n++, first += stride, second += stride)
                {
                    TLanes y = TLanes.Load(second);
                    sum0 = TLanes.FusedMultiplyAdd(TLanes.Create(first[0]), y, sum0);
                    sum1 = TLanes.FusedMultiplyAdd(TLanes.Create(first[1]), y, sum1);
                    sum2 = TLanes.FusedMultiplyAdd(TLanes.Create(first[2]), y, sum2);
                    sum3 = TLanes.FusedMultiplyAdd(TLanes.Create(first[3]), y, sum3);
                }

                sum0.Store(row);
                sum1.Store(row + stride);
                sum2.Store(row + (2 * stride));
                sum3.Store(row + (3 * stride));
            }
        }

        _waiting = 0;
    }

    private void AddSums(in ChainItem<T> item, int* tags, in ChainGradient<T> gradient)
    {
        for (int i = 0; i < _states; i++)
        {
            double* weights = _matrix.Weights(i), sums = _sums + ((nint)i * _stride), exact = _exactSums + ((nint)i * _stride), destination = gradient.PairSums + ((nint)i * _stride);
            for (int j = 0; j < _states; j++)
            {
                destination[j] = Math.FusedMultiplyAdd(gradient.Scale, Math.FusedMultiplyAdd(weights[j], sums[j], exact[j]), destination[j]);
            }
        }

        for (int t = 1; t < item.Count && tags != null; t++)
        {
            gradient.PairSums[((nint)tags[item.Row(t - 1)] * _stride) + tags[item.Row(t)]] -= gradient.Scale;
        }
    }

    private void ReservePairs()
    {
        nint size = (nint)_stride * _stride, block = BlockPositions * (nint)_stride;
        if (_pairs.Length == 0)
        {
            _pairs.Dispose();
            _pairs = new(2 * ((3 * size) + (2 * block)));
            _sums = (double*)_pairs.Floats;
            _exactSums = _sums + size;
            _pair = _exactSums + size;
            _firsts = _pair + size;
            _seconds = _firsts + block;
        }

        new Span<double>(_sums, (int)(2 * size)).Clear();
        _waiting = 0;
    }

    /// <summary>The gradient of a sequence that is impossible or has NaN.</summary>
    private void Fill(in ChainItem<T> item, in ChainGradient<T> gradient, double value)
    {
        T fill = ChainRows<T>.Round(value);
        for (int t = 0; t < item.Count; t++)
        {
            int row = item.Row(t);
            if (gradient.Emissions != null)
            {
                new Span<T>(gradient.Emissions + ((nint)row * _states), _states).Fill(fill);
            }

            if (gradient.Pairs != null && t > 0)
            {
                new Span<T>(gradient.Pairs + ((nint)(row - 1) * _states * _states), _states * _states).Fill(fill);
            }
        }

        if (double.IsNaN(value))
        {
            FillIfAny(gradient.PairSums, _states * _stride);
            FillIfAny(gradient.Start, _states);
            FillIfAny(gradient.End, _states);
        }
    }

    private static void FillIfAny(double* destination, int count)
    {
        if (destination != null)
        {
            new Span<double>(destination, count).Fill(double.NaN);
        }
    }
}

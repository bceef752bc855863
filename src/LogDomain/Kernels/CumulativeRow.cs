using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>The log-sum-exp of every beginning of a row: y_i = log(e^(x_0) + ... + e^(x_i)), in double for every type.</summary>
/// <remarks>
/// <para>
/// Block by block. The weights of a block have the frame of the largest element so far, and are summed one after the other as pairs of doubles, from
/// what the blocks before have left; the largest of each beginning is left out of its tail, so y_i = max_i + log1p(tail_i) keeps a tail of any size.
/// </para>
/// <para>
/// A block that has no frame, or in which elements lie so far apart that a beginning would lose its own scale, is merged element by element.
/// </para>
/// </remarks>
internal unsafe ref struct CumulativeRow<TDouble>
    where TDouble : unmanaged, IVector<TDouble, double>
{
    /// <summary>Elements of a block: the five arrays of one stay in the first-level cache. A multiple of the rows of <see cref="RowFinish"/>.</summary>
    public const int BlockLength = 256;

    /// <summary>
    /// e^-300 of the largest weight is 2^(512 - 433): its pair, 2^-106 of that, is still a normal number, as are the sums of what lies at the reach below.
    /// </summary>
    private const double Spread = 300;

    private LogSumState _state;

    public CumulativeRow() => _state = LogSumState.Empty;

    /// <summary>
    /// Writes y of the next elements, at most <see cref="BlockLength"/>, over them, and the maximum and the tail of each beginning: y = max + log(1 + tail).
    /// There is room for the tails of whole blocks of <see cref="RowFinish.Rows"/>.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Next(double* x, int count, double* max, double* tails)
    {
        double before = _state.Max, largest = before;
        bool numbers = !double.IsNaN(before);
        for (int i = 0; i < count; i++)
        {
            numbers &= !double.IsNaN(x[i]);
            largest = Math.Max(largest, x[i]);
        }

        double first = double.IsNegativeInfinity(before) ? x[0] : before;
        if (!numbers || !(Math.Abs(largest) <= Weights<TDouble, double>.Far) || !(largest - first <= Spread))
        {
            OneByOne(x, count, max, tails);
            return;
        }

        double* weights = stackalloc double[BlockLength], errors = stackalloc double[BlockLength];
        TDouble frame = TDouble.Create(Weights<TDouble, double>.FrameNumber(Weights<TDouble, double>.Exponent(largest)));
        TDouble lowest = TDouble.Create(largest - Weights<TDouble, double>.Reach);
        for (int i = 0; i < count; i += TDouble.Count)
        {
            Weigh(i + TDouble.Count <= count ? TDouble.Load(x + i) : TDouble.LoadFirst(x + i, count - i), lowest, frame, weights + i, errors + i);
        }

        (double currentWeight, double currentError, double sum, double rest) = Before(lowest, frame);
        double current = before;
        for (int i = 0; i < count; i++)
        {
            double next = sum + weights[i], back = next - sum;
            rest += ((sum - (next - back)) + (weights[i] - back)) + errors[i];
            sum = next;
            if (x[i] > current)
            {
                (current, currentWeight, currentError) = (x[i], weights[i], errors[i]);
            }

            max[i] = current;
            tails[i] = (sum - currentWeight) + (rest - currentError);
            weights[i] = currentWeight;
        }

        double* logs = stackalloc double[RowFinish.Rows];
        for (int i = 0; i < count; i += RowFinish.Rows)
        {
            // What is left over is computed with as well, from any numbers, and not written.
            for (int lane = 0; lane < RowFinish.Rows; lane++)
            {
                logs[lane] = i + lane < count ? tails[i + lane] / weights[i + lane] : 0;
            }

            double* oneTails = tails + i;
            new ReadOnlySpan<double>(logs, RowFinish.Rows).CopyTo(new(oneTails, RowFinish.Rows));
            RowFinish.LogOnePlus(Vector512.Load(oneTails), Vector512<double>.Zero).Store(logs);
            for (int lane = 0; lane < Math.Min(RowFinish.Rows, count - i); lane++)
            {
                // Below the smallest tail that 1 + tail shows, the logarithm is the tail.
                double tail = oneTails[lane], log = tail < 1e-17 ? tail : logs[lane];
                x[i + lane] = max[i + lane] + log;
            }
        }

        _state = After(current, currentWeight, currentError, sum, rest);
    }

    /// <summary>
    /// Writes y of the next elements, at most <see cref="BlockLength"/>, over them and up to seven more numbers behind, to 1e-14 of the largest of 1 and |y|: enough for results that become floats,
    /// unless they are small. Returns the smallest |y| of the block.
    /// </summary>
    /// <remarks>
    /// Plainly, y_i = log(sum of weights) + k ln2. With the sums of the last 1, 2, 4 and 8 weights, <c>window_i = half_i + half_(i-4)</c>, the sum up to i is that up to
    /// i - 8 and the window: one addition for eight elements, without moving anything between lanes. A sum of a block has been rounded 35 times; what the blocks
    /// have come to is a pair, so that their roundings do not add up.
    /// </remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double NextPlain(double* x, int count)
    {
        const int Lead = 8;
        double* ones = stackalloc double[Lead + BlockLength], twos = stackalloc double[Lead + BlockLength], fours = stackalloc double[Lead + BlockLength];
        double before = _state.Max, largest = Math.Max(before, Largest(x, count)), first = double.IsNegativeInfinity(before) ? x[0] : before;
        if (!(Math.Abs(largest) <= Weights<TDouble, double>.Far) || !(largest - first <= Spread))
        {
            return OneByOne(x, count);
        }

        TDouble frame = TDouble.Create(Weights<TDouble, double>.FrameNumber(Weights<TDouble, double>.Exponent(largest)));
        TDouble lowest = TDouble.Create(largest - Weights<TDouble, double>.Reach), zero = TDouble.Create(0);
        zero.Store(ones);
        zero.Store(twos);
        zero.Store(fours);
        for (int i = 0; i < count; i += TDouble.Count)
        {
            TDouble values = i + TDouble.Count <= count ? TDouble.Load(x + i) : TDouble.LoadFirst(x + i, count - i);
            Weights<TDouble, double>.Rounded(values, lowest, frame).Store(ones + Lead + i);
        }

        for (int i = Lead; i < Lead + count; i += TDouble.Count)
        {
            (TDouble.Load(ones + i) + TDouble.Load(ones + i - 1)).Store(twos + i);
        }

        for (int i = Lead; i < Lead + count; i += TDouble.Count)
        {
            (TDouble.Load(twos + i) + TDouble.Load(twos + i - 2)).Store(fours + i);
        }

        TDouble sums = zero;
        for (int i = 0; i < count; i += TDouble.Count)
        {
            sums += TDouble.Load(fours + Lead + i) + TDouble.Load(fours + Lead + i - 4);
            sums.Store(ones + i);
        }

        double total = ones[count - 1];
        if (!double.IsFinite(total))
        {
            return OneByOne(x, count);
        }

        (_, _, double sum, double rest) = Before(lowest, frame);
        Vector512<double> carried = Vector512.Create(sum), exponent = Vector512.Create(Weights<TDouble, double>.Exponent(largest) - Weights<TDouble, double>.Bias);
        Vector512<double> smallest = Vector512.Create(double.PositiveInfinity);
        for (int i = 0; i < count; i += RowFinish.Rows)
        {
            // What is behind the last is room, and never read.
            Vector512<double> y = RowFinish.LogSumExp(Vector512.Load(ones + i) + carried, exponent);
            smallest = Vector512.MinNative(smallest, Vector512.Abs(y));
            y.Store(x + i);
        }

        double* weight = stackalloc double[2 * TDouble.Count];
        Weigh(TDouble.Create(largest), lowest, frame, weight, weight + TDouble.Count);
        (sum, double error) = LogSumState.TwoSum(sum, total);
        _state = After(largest, weight[0], weight[TDouble.Count], sum, rest + error);
        smallest.Store(ones);
        double min = *ones;
        for (int lane = 1; lane < RowFinish.Rows; lane++)
        {
            min = Math.Min(min, ones[lane]);
        }

        return min;
    }

    /// <summary>The largest element; one of a NaN is for the sum to tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Largest(double* x, int count)
    {
        TDouble a = TDouble.Create(double.NegativeInfinity), b = a;
        int i = 0;
        for (; i <= count - (2 * TDouble.Count); i += 2 * TDouble.Count)
        {
            a = TDouble.Max(a, TDouble.Load(x + i));
            b = TDouble.Max(b, TDouble.Load(x + i + TDouble.Count));
        }

        for (; i < count; i += TDouble.Count)
        {
            a = TDouble.Max(a, TDouble.LoadFirst(x + i, count - i));
        }

        return TDouble.Largest(TDouble.Max(a, b));
    }

    /// <summary>What the blocks before have left, in a frame: the weight of their maximum, and with it w(max) (1 + tail), both as pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Weight, double Error, double Sum, double SumError) Before(TDouble lowest, TDouble frame)
    {
        if (double.IsNegativeInfinity(_state.Max))
        {
            return default;
        }

        double* weights = stackalloc double[2 * TDouble.Count];
        Weigh(TDouble.Create(_state.Max), lowest, frame, weights, weights + TDouble.Count);
        (double weight, double error) = (weights[0], weights[TDouble.Count]);
        double product = weight * _state.Tail, lost = Math.FusedMultiplyAdd(weight, _state.Tail, -product);
        (double sum, double rest) = LogSumState.TwoSum(weight, product);
        return (weight, error, sum, rest + (lost + (error + (error * _state.Tail) + (weight * _state.TailError))));
    }

    /// <summary>The state of a sum with its maximum, all in one frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static LogSumState After(double max, double weight, double weightError, double sum, double rest)
    {
        double others = (sum - weight) + (rest - weightError), last = others / weight;
        double remainder = Math.FusedMultiplyAdd(-last, weight, others);
        double restOfOthers = ((sum - weight) - others) + (rest - weightError);
        return new(max, last, (remainder + restOfOthers - (last * weightError)) / weight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh(TDouble x, TDouble lowest, TDouble frame, double* weights, double* errors)
    {
        TDouble power = Weights<TDouble, double>.Of(null, x, lowest, frame, out TDouble s);
        TDouble weight = TDouble.FusedMultiplyAdd(power, s, power);
        weight.Store(weights);
        TDouble.FusedMultiplyAdd(power, s, power - weight).Store(errors);
    }

    /// <summary>Merges element by element; returns the smallest |y|.</summary>
    private double OneByOne(double* x, int count, double* max = null, double* tails = null)
    {
        double smallest = double.PositiveInfinity;
        for (int i = 0; i < count; i++)
        {
            _state = LogSumState.Merge(_state, new(x[i], 0));
            x[i] = _state.LogSumExp;
            smallest = Math.Min(smallest, Math.Abs(x[i]));
            if (max != null)
            {
                (max[i], tails[i]) = (_state.Max, _state.Tail);
            }
        }

        return smallest;
    }
}

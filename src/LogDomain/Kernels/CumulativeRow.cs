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

    /// <summary>Writes y of the next elements, at most <see cref="BlockLength"/>, over them, and the maximum of each beginning to max.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Next(double* x, int count, double* max)
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
            OneByOne(x, count, max);
            return;
        }

        double* weights = stackalloc double[BlockLength], errors = stackalloc double[BlockLength], tails = stackalloc double[BlockLength];
        TDouble frame = TDouble.Create(Weights<TDouble, double>.FrameNumber(Weights<TDouble, double>.Exponent(largest)));
        TDouble lowest = TDouble.Create(largest - Weights<TDouble, double>.Reach);
        for (int i = 0; i < count; i += TDouble.Count)
        {
            Weigh(i + TDouble.Count <= count ? TDouble.Load(x + i) : TDouble.LoadFirst(x + i, count - i), lowest, frame, weights + i, errors + i);
        }

        double current = before, currentWeight = 0, currentError = 0, sum = 0, rest = 0;
        if (!double.IsNegativeInfinity(before))
        {
            // What the blocks before have left: w(max) (1 + tail), as a pair.
            double* weight = stackalloc double[2 * TDouble.Count];
            Weigh(TDouble.Create(before), lowest, frame, weight, weight + TDouble.Count);
            (currentWeight, currentError) = (weight[0], weight[TDouble.Count]);
            double product = currentWeight * _state.Tail;
            double lost = Math.FusedMultiplyAdd(currentWeight, _state.Tail, -product);
            (sum, rest) = LogSumState.TwoSum(currentWeight, product);
            rest += lost + (currentError + (currentError * _state.Tail) + (currentWeight * _state.TailError));
        }

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

        double others = tails[count - 1];
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

        double last = others / currentWeight;
        double remainder = Math.FusedMultiplyAdd(-last, currentWeight, others);
        double restOfOthers = ((sum - currentWeight) - others) + (rest - currentError);
        _state = new(current, last, (remainder + restOfOthers - (last * currentError)) / currentWeight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh(TDouble x, TDouble lowest, TDouble frame, double* weights, double* errors)
    {
        TDouble power = Weights<TDouble, double>.Of(x, lowest, frame, out TDouble s);
        TDouble weight = TDouble.FusedMultiplyAdd(power, s, power);
        weight.Store(weights);
        TDouble.FusedMultiplyAdd(power, s, power - weight).Store(errors);
    }

    private void OneByOne(double* x, int count, double* max)
    {
        for (int i = 0; i < count; i++)
        {
            _state = LogSumState.Merge(_state, new(x[i], 0));
            x[i] = _state.LogSumExp;
            max[i] = _state.Max;
        }
    }
}

using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Sequences;

/// <summary>
/// What a chain is made of: a step to the next states, the scores of a position, products and sums of states. Arrays are as long as the states up to a whole number of vectors, which is called stride here.
/// </summary>
/// <remarks>
/// <para>
/// The states are in the lanes, and a sum over the states before is one chain of fused operations in each lane for the even and one for the odd ones, or four chains where a lane has one vector alone. So no bit
/// depends on the width of vectors. A step costs a multiplication and an addition for each pair of states; there are no logarithms in it, and one exponential for each state.
/// </para>
/// <para>
/// That is the speed of chains which are scaled by their sum (L. R. Rabiner, "A tutorial on hidden Markov models", Proceedings of the IEEE 77 (1989), section V.A). Those lose states that fall more than 700 nats behind, which
/// is wrong when such a state turns out to be the only one that can go on. Here the logarithms of these are kept, and every sum says whether it can have lost something that counts: <see cref="ChainState"/>.
/// </para>
/// </remarks>
internal static unsafe class ChainSteps<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Vectors of a block of columns; each has two sums, and so the eight chains that two multipliers with a latency of four need.</summary>
    private const int BlockVectors = 4;

    /// <summary>
    /// States of which a matrix is in the first two caches, 128 KB. Columns of larger ones come too slowly: measured for 512 states on AMD EPYC (Zen 3), 67 microseconds a product against 31 by rows.
    /// </summary>
    private const int MostInPanels = 128;

    private const int PanelVectors = 2;

    /// <summary>Beyond, a score has too few bits for its integer part; differences of such scores are exact where they matter.</summary>
    private const double Far = 1L << 40;

    /// <summary>
    /// Scores that are lower count as 2^-600 of the largest, and so does -infinity. A product is divided by the largest of them, at least 2^-300 (<see cref="ChainState.Smallest"/>), and must fall below 2^-250
    /// (<see cref="ChainState.Lost"/>) all the same: with 500 instead of 600 an impossible state came out as 2^-200, and back when its rivals became impossible. Times 2^-250 it is a normal number still.
    /// </summary>
    private const double MostExponents = 600;

    private const double EighthsPerNat = 11.541560327111707;        // 8 log2 e
    private const double NatsPerEighth = 0.08664339756999316;       // ln 2 / 8, rounded
    private const double NatsPerEighthLow = 2.8988085173078744e-18; // what that lost

    /// <summary>States up to a whole number of vectors.</summary>
    public static int Stride(int states) => (states + TLanes.Count - 1) / TLanes.Count * TLanes.Count;

    /// <summary>e^(x - shift), 0 below <see cref="ChainState.Lost"/>; whether any of these is not 0 exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Exponentiate(double* x, double* y, nint count, double shift)
    {
        TLanes minus = TLanes.Create(-shift);
        uint lost = 0;
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(x + i), isLost = TLanes.Less(value + minus, TLanes.Create(ChainState.LogLost));
            lost |= TLanes.Bits(isLost) & TLanes.BitsOfLess(TLanes.Create(double.NegativeInfinity), value);
            TLanes.Select(isLost, TLanes.Create(0), Exp(value, minus)).Store(y + i);
        }

        return lost != 0;
    }

    /// <summary>The same with a shift for each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Exponentiate(double* x, double* y, nint count, double* shifts)
    {
        uint lost = 0;
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(x + i), minus = -TLanes.Load(shifts + i), isLost = TLanes.Less(value + minus, TLanes.Create(ChainState.LogLost));
            lost |= TLanes.Bits(isLost) & TLanes.BitsOfLess(TLanes.Create(double.NegativeInfinity), value);
            TLanes.Select(isLost, TLanes.Create(0), Exp(value, minus)).Store(y + i);
        }

        return lost != 0;
    }

    /// <summary>The largest of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Largest(double* x, int stride)
    {
        TLanes max = TLanes.Load(x);
        for (int i = TLanes.Count; i < stride; i += TLanes.Count)
        {
            max = TLanes.Max(max, TLanes.Load(x + i));
        }

        return Largest(max);
    }

    /// <summary>Loads a row of scores, which -infinity follows in <paramref name="row"/>; the largest, and whether one is NaN or +infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Load<T>(T* source, int states, int stride, double* row, out bool isInvalid)
        where T : unmanaged
    {
        int whole = typeof(T) == typeof(double) || typeof(T) == typeof(float) ? states / TLanes.Count * TLanes.Count : 0;
        if (whole < states)
        {
            ChainRows<T>.Load(source + whole, states - whole, row + whole);
        }

        TLanes max = TLanes.Create(double.NegativeInfinity), isNumber = TLanes.Equal(max, max);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes value;
            if (i < whole)
            {
                value = typeof(T) == typeof(double) ? TLanes.Load((double*)source + i) : TLanes.Load((float*)source + i);
                value.Store(row + i);
            }
            else
            {
                value = TLanes.Load(row + i);
            }

            max = TLanes.Max(value, max);
            isNumber = TLanes.And(isNumber, TLanes.Equal(value, value));
        }

        double largest = Largest(max);
        isInvalid = TLanes.Bits(isNumber) != (1u << TLanes.Count) - 1 || !(largest < double.PositiveInfinity);
        return largest;
    }

    /// <summary>Whether a row has NaN or +infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsInvalid(double* x, int stride)
    {
        uint invalid = 0;
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(x + i);
            invalid |= TLanes.BitsOfUnordered(value, value) | TLanes.BitsOfLess(TLanes.Create(double.MaxValue), value);
        }

        return invalid != 0;
    }

    /// <summary>The sum of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(double* x, int stride)
    {
        TLanes sum = TLanes.Load(x);
        for (int i = TLanes.Count; i < stride; i += TLanes.Count)
        {
            sum += TLanes.Load(x + i);
        }

        return Sum(sum);
    }

    /// <summary>z = x * y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(double* x, double* y, double* z, int stride)
    {
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(x + i) * TLanes.Load(y + i)).Store(z + i);
        }
    }

    /// <summary>y = factor * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(double* x, double factor, double* y, int stride)
    {
        TLanes scale = TLanes.Create(factor);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(x + i) * scale).Store(y + i);
        }
    }

    /// <summary>y = x / divisor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Divide(double* x, double divisor, double* y, int stride)
    {
        TLanes by = TLanes.Create(divisor);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(x + i) / by).Store(y + i);
        }
    }

    /// <summary>z = x + y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double* x, double* y, double* z, int stride)
    {
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(x + i) + TLanes.Load(y + i)).Store(z + i);
        }
    }

    /// <summary>z = max(x, y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Max(double* x, double* y, double* z, int stride)
    {
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes.Max(TLanes.Load(x + i), TLanes.Load(y + i)).Store(z + i);
        }
    }

    /// <summary>Turns logarithms into probabilities that sum to 1, and returns the logarithm of their sum. All are 0 where nothing is possible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Normalise(double* logs, double* destination, int stride)
    {
        double max = Largest(logs, stride);
        if (double.IsNegativeInfinity(max))
        {
            new Span<double>(destination, stride).Clear();
            return max;
        }

        TLanes minus = TLanes.Create(-max), sum = TLanes.Create(0);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes log = TLanes.Load(logs + i), weight = Exp(log, minus);
            sum += weight;
            uint small = TLanes.BitsOfLess(log + minus, TLanes.Create(Lanes.LowestExponent));
            if (small == 0)
            {
                weight.Store(destination + i);
                continue;
            }

            for (int j = i; j < i + TLanes.Count; j++)
            {
                destination[j] = ScalarFunctions.Exp(logs[j] - max);   // subnormal, or 0; destination may be logs
            }
        }

        double total = Sum(sum);
        Divide(destination, total, destination, stride);
        return max + Scalar.Log(total);
    }

    /// <summary>log(sum e^(x + y)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSumExp(double* x, double* y, int stride)
    {
        TLanes largest = TLanes.Create(double.NegativeInfinity);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            largest = TLanes.Max(largest, TLanes.Load(x + i) + TLanes.Load(y + i));
        }

        double max = Largest(largest);
        if (double.IsNegativeInfinity(max))
        {
            return max;
        }

        TLanes minus = TLanes.Create(-max), sum = TLanes.Create(0);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            sum += Exp(TLanes.Load(x + i) + TLanes.Load(y + i), minus);
        }

        return max + Scalar.Log(Sum(sum));
    }

    /// <summary>Logarithms of all numbers of a state, if it has none yet. It has lost nothing then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double* Logs(in ChainState state, int stride)
    {
        for (int i = 0; i < stride && !state.HasLogs; i += TLanes.Count)
        {
            Log(TLanes.Load(state.Linear + i)).Store(state.Logs + i);
        }

        return state.Logs;
    }

    /// <summary>One step: <c>to_j = sum_i from_i weight_ij</c>. Panels are read from the last one if that is asked for, which changes no bit: those that the step before has read last are in the cache still.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step(in ChainStep step, in ChainState from, ref ChainState to, int states, int stride, ref LogFrame frame, bool isReversed)
    {
        frame.Add(step.Max);
        if (HasPanels(stride))
        {
            MultiplyPanels(step.Panels, from.Linear, to.Linear, states, stride, isReversed);
        }
        else
        {
            MultiplyRows(step.Weights, from.Linear, to.Linear, states, stride);
        }

        to.HasLogs = false;
        if (step.HasLost || from.HasLogs)
        {
            Redo(step, from, ref to, states, stride);
        }
    }

    /// <summary>Sums that are so small that what has been lost may count, from logarithms.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Redo(in ChainStep step, in ChainState from, ref ChainState to, int states, int stride)
    {
        double doubtful = states * ChainState.Doubtful;
        double* logs = null;
        for (int j = 0; j < states; j++)
        {
            if (to.Linear[j] >= doubtful)
            {
                continue;
            }

            logs = logs == null ? Logs(from, stride) : logs;
            double log = LogSumExp(logs, step.LogsOfColumns + ((nint)j * stride), stride) - step.Max;
            bool isLost = log < ChainState.LogLost;
            to.Linear[j] = isLost ? 0 : ScalarFunctions.Exp(log);
            to.Logs[j] = log;
            to.HasLogs |= isLost && log > double.NegativeInfinity;
        }

        for (int j = 0; j < stride && to.HasLogs; j++)
        {
            to.Logs[j] = j >= states ? double.NegativeInfinity : to.Linear[j] > 0 ? Scalar.Log(to.Linear[j]) : to.Logs[j];
        }
    }

    /// <summary>Multiplies by e^scores, whose largest is given, and brings the largest to between 1 and 2. Whether anything is possible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Emit(ref ChainState state, double* scores, double max, int stride, ref LogFrame frame, double* scratch)
    {
        if (double.IsNegativeInfinity(max))
        {
            return false;
        }

        if (Math.Abs(max) > Far)
        {
            return EmitLogs(ref state, scores, max, stride, ref frame);
        }

        // Relative to a power of two near the largest, which shifts nothing: the power is part of the constant that rounds.
        double power = Math.Round(max * (EighthsPerNat / 8));
        TLanes rounding = TLanes.Create(Lanes.Magic - (8 * power)), lowest = TLanes.Create((power - MostExponents) * Lanes.Ln2), zero = TLanes.Create(0);
        TLanes largest = zero, least = TLanes.Create(double.PositiveInfinity);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes product = Times(TLanes.Load(state.Linear + i), TLanes.Load(scores + i), lowest, rounding);
            product.Store(scratch + i);
            largest = TLanes.Max(largest, product);
            least = TLanes.Min(least, product);
        }

        double maximum = Largest(largest);
        if (maximum < (state.HasLogs ? ChainState.SmallestAfterLoss : ChainState.Smallest))
        {
            return EmitLogs(ref state, scores, max, stride, ref frame);
        }

        long exponent = (BitConverter.DoubleToInt64Bits(maximum) >> 52) - 1023;
        TLanes factor = TLanes.Create(BitConverter.Int64BitsToDouble((1023 - exponent) << 52)), smallest = TLanes.Create(ChainState.Lost);
        bool hasSmall = TLanes.BitsOfLess(least * factor, smallest) != 0;
        if (state.HasLogs || (hasSmall && IsAnyLost(state, scores, scratch, factor, stride)))
        {
            EmitBoth(ref state, scores, max, power, maximum, stride, ref frame, scratch);
            return true;
        }

        frame.Scale(power + exponent);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes product = TLanes.Load(scratch + i) * factor;
            if (hasSmall)
            {
                product = TLanes.Select(TLanes.Less(product, smallest), zero, product);   // what is impossible has been taken as the lowest
            }

            product.Store(state.Linear + i);
        }

        return true;
    }

    /// <summary>Whether a product is below <see cref="ChainState.Lost"/> of a number and a score that are possible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsAnyLost(in ChainState state, double* scores, double* products, TLanes factor, int stride)
    {
        uint lost = 0;
        TLanes smallest = TLanes.Create(ChainState.Lost), zero = TLanes.Create(0), nothing = TLanes.Create(double.NegativeInfinity);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            lost |= TLanes.BitsOfLess(TLanes.Load(products + i) * factor, smallest) & TLanes.BitsOfLess(zero, TLanes.Load(state.Linear + i)) & TLanes.BitsOfLess(nothing, TLanes.Load(scores + i));
        }

        return lost != 0;
    }

    /// <summary>
    /// <c>x e^score</c>, less the power of two in <paramref name="rounding"/>: the reduction of <see cref="Elementary{TLanes, TPrecision}"/> with the shift of <see cref="Weights{TVector, T}"/>. Scores below
    /// <paramref name="lowest"/>, and -infinity, count as that. Within 1.1 ulp: the table's half, the polynomial's 2^-59, two roundings.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Times(TLanes x, TLanes score, TLanes lowest, TLanes rounding)
    {
        TLanes clamped = TLanes.Max(lowest, score), shifted = TLanes.FusedMultiplyAdd(clamped, TLanes.Create(EighthsPerNat), rounding), z = shifted - rounding;
        TLanes r = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerEighthLow), TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerEighth), clamped));
        TLanes product = x * TLanes.PowerOfTwo(shifted);

        // e^r - 1 by Taylor up to r^8: 0.0434^8 / 9! is 2^-55 of r.
        TLanes slope = TLanes.Polynomial(r, 0.5, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320);
        return TLanes.FusedMultiplyAdd(product, TLanes.FusedMultiplyAdd(r * r, slope, r), product);
    }

    /// <summary>
    /// The largest are right as they are; some others are not, or had been lost before. Logarithms have the largest score taken away instead of a power of two near it, and the largest number brought to between 0.7 and 1.4:
    /// where the same state is best before and after, which is usual, these are -max and 1, and round nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EmitBoth(ref ChainState state, double* scores, double max, double power, double maximum, int stride, ref LogFrame frame, double* products)
    {
        double* logs = Logs(state, stride);
        double rest = ScalarFunctions.Exp(((DoubleDouble.Ln2 * power) - new DoubleDouble(max, 0)).Value), exponent = Math.ILogB(maximum * rest * 1.4142135623730951);
        frame.Add(max);
        frame.Scale(exponent);
        TLanes minus = TLanes.Create(-max), shift = TLanes.Create(exponent * Lanes.Ln2), factor = TLanes.Create(rest * ScalarFunctions.Scale(1, -exponent));
        TLanes smallest = TLanes.Create(ChainState.Lost), zero = TLanes.Create(0);
        uint lost = 0;
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            TLanes log = TLanes.Load(logs + i) + (TLanes.Load(scores + i) + minus) - shift, product = TLanes.Load(products + i) * factor;
            TLanes isLost = TLanes.Less(product, smallest);
            lost |= TLanes.Bits(isLost) & TLanes.BitsOfLess(TLanes.Create(double.NegativeInfinity), log);
            product = TLanes.Select(isLost, zero, product);
            TLanes.Select(isLost, log, Log(product)).Store(logs + i);
            product.Store(state.Linear + i);
        }

        state.HasLogs = lost != 0;
    }

    /// <summary>All from logarithms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool EmitLogs(ref ChainState state, double* scores, double max, int stride, ref LogFrame frame)
    {
        frame.Add(max);
        double* logs = Logs(state, stride);
        TLanes minus = TLanes.Create(-max);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(logs + i) + (TLanes.Load(scores + i) + minus)).Store(logs + i);
        }

        double largest = Largest(logs, stride);
        if (double.IsNegativeInfinity(largest))
        {
            return false;
        }

        frame.Add(largest);
        for (int i = 0; i < stride; i += TLanes.Count)
        {
            (TLanes.Load(logs + i) - TLanes.Create(largest)).Store(logs + i);
        }

        state.HasLogs = Exponentiate(logs, state.Linear, stride, 0);
        return true;
    }

    /// <summary>e^(x + y) with the sum's rounding, for sums up to the largest exponent; what is below e^-670 counts as that, but -infinity gives 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Exp(TLanes x, TLanes y)
    {
        Pair<TLanes, ForDouble> sum = Pair<TLanes, ForDouble>.Sum(x, y);
        TLanes nothing = TLanes.Create(double.NegativeInfinity), isNothing = TLanes.Equal(sum.High, nothing);
        TLanes high = TLanes.Max(TLanes.Create(Lanes.LowestExponent), sum.High), low = TLanes.Select(isNothing, TLanes.Create(0), sum.Low);
        return TLanes.Select(isNothing, TLanes.Create(0), Elementary<TLanes, ForDouble>.Exp(new Pair<TLanes, ForDouble>(high, low)).High);
    }

    /// <summary>e^(x + y + z) of numbers of which the first two cancel against the third, without the rounding of their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x, TLanes y, TLanes z)
    {
        Pair<TLanes, ForDouble> sum = Pair<TLanes, ForDouble>.Sum(x, y);
        TLanes high = sum.High + z;
        return Elementary<TLanes, ForDouble>.Exp(new Pair<TLanes, ForDouble>(TLanes.Max(TLanes.Create(Lanes.LowestExponent), high), sum.Low)).High;
    }

    /// <summary>log(x) of normal numbers, -infinity of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Log(TLanes x) =>
        TLanes.Select(TLanes.Equal(x, TLanes.Create(0)), TLanes.Create(double.NegativeInfinity), Elementary<TLanes, ForDouble>.Log(x).Value);

    /// <summary>The largest of all lanes, of which none is NaN or NaN is seen elsewhere: <see cref="Math.Max(double, double)"/> asks for it each time, where a step waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Largest(TLanes lanes)
    {
        double* values = (double*)&lanes;
        return double.MaxNative(
            double.MaxNative(double.MaxNative(values[0], values[4]), double.MaxNative(values[1], values[5])),
            double.MaxNative(double.MaxNative(values[2], values[6]), double.MaxNative(values[3], values[7])));
    }

    /// <summary>The sum of all lanes, halves first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sum(TLanes lanes)
    {
        double* values = (double*)&lanes;
        return ((values[0] + values[4]) + (values[2] + values[6])) + ((values[1] + values[5]) + (values[3] + values[7]));
    }

    /// <summary>y_j = max_i (x_i + scores_ij).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Best(double* scores, double* x, double* y, int states, int stride)
    {
        for (int j = 0; j < stride; j += TLanes.Count)
        {
            double* row = scores + j;
            TLanes even = TLanes.Create(double.NegativeInfinity), odd = even;
            int i = 0;
            for (; i + 1 < states; i += 2, row += 2 * stride)
            {
                even = TLanes.Max(even, TLanes.Create(x[i]) + TLanes.Load(row));
                odd = TLanes.Max(odd, TLanes.Create(x[i + 1]) + TLanes.Load(row + stride));
            }

            if (i < states)
            {
                even = TLanes.Max(even, TLanes.Create(x[i]) + TLanes.Load(row));
            }

            TLanes.Max(even, odd).Store(y + j);
        }
    }

    /// <summary>Whether the weights of a step are read in panels.</summary>
    public static bool HasPanels(int stride) => stride <= MostInPanels;

    /// <summary>Puts a matrix into panels: columns of two vectors, all rows of them one after the other, and of one vector behind the last whole block. The panel of column j begins at j times the stride.</summary>
    public static void Pack(double* weights, double* panels, int states, int stride)
    {
        int blocks = Blocks(stride);
        for (int j = 0, width; j < stride; j += width)
        {
            width = j < blocks ? PanelVectors * TLanes.Count : TLanes.Count;
            for (int i = 0; i < states; i++)
            {
                new ReadOnlySpan<double>(weights + (i * stride) + j, width).CopyTo(new(panels + (j * stride) + (i * width), width));
            }
        }
    }

    /// <summary>The columns in whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Blocks(int stride) => stride / (BlockVectors * TLanes.Count) * BlockVectors * TLanes.Count;

    /// <summary>y_j = sum_i x_i weights_ij.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPanels(double* panels, double* x, double* y, int states, int stride, bool isReversed)
    {
        // Two sums for each vector of a block, four for each that is left. Of a block eight sums are at work at once, or four pairs of half vectors: as many as two multipliers with a latency of four need.
        int blocks = Blocks(stride), width = PanelVectors * TLanes.Count;
        for (int block = 0; block < blocks && typeof(TLanes) == typeof(DoubleVector512); block += 2 * width)
        {
            int j = isReversed ? blocks - (2 * width) - block : block;
            double* row = panels + (j * stride), other = row + (width * stride);
            TLanes even0 = TLanes.Create(0), even1 = even0, even2 = even0, even3 = even0, odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
            int i = 0;
            for (; i + 1 < states; i += 2, row += 2 * width, other += 2 * width)
            {
                TLanes a = TLanes.Create(x[i]), b = TLanes.Create(x[i + 1]);
                even0 = TLanes.FusedMultiplyAdd(a, row, even0);
                even1 = TLanes.FusedMultiplyAdd(a, row + TLanes.Count, even1);
                even2 = TLanes.FusedMultiplyAdd(a, other, even2);
                even3 = TLanes.FusedMultiplyAdd(a, other + TLanes.Count, even3);
                odd0 = TLanes.FusedMultiplyAdd(b, row + width, odd0);
                odd1 = TLanes.FusedMultiplyAdd(b, row + width + TLanes.Count, odd1);
                odd2 = TLanes.FusedMultiplyAdd(b, other + width, odd2);
                odd3 = TLanes.FusedMultiplyAdd(b, other + width + TLanes.Count, odd3);
            }

            if (i < states)
            {
                TLanes a = TLanes.Create(x[i]);
                even0 = TLanes.FusedMultiplyAdd(a, row, even0);
                even1 = TLanes.FusedMultiplyAdd(a, row + TLanes.Count, even1);
                even2 = TLanes.FusedMultiplyAdd(a, other, even2);
                even3 = TLanes.FusedMultiplyAdd(a, other + TLanes.Count, even3);
            }

            (even0 + odd0).Store(y + j);
            (even1 + odd1).Store(y + j + TLanes.Count);
            (even2 + odd2).Store(y + j + (2 * TLanes.Count));
            (even3 + odd3).Store(y + j + (3 * TLanes.Count));
        }

        for (int panel = 0; panel < blocks && typeof(TLanes) != typeof(DoubleVector512); panel += width)
        {
            int j = isReversed ? blocks - width - panel : panel;
            double* row = panels + (j * stride);
            TLanes even0 = TLanes.Create(0), even1 = even0, odd0 = even0, odd1 = even0;
            int i = 0;
            for (; i + 1 < states; i += 2, row += 2 * width)
            {
                TLanes a = TLanes.Create(x[i]), b = TLanes.Create(x[i + 1]);
                even0 = TLanes.FusedMultiplyAdd(a, row, even0);
                even1 = TLanes.FusedMultiplyAdd(a, row + TLanes.Count, even1);
                odd0 = TLanes.FusedMultiplyAdd(b, row + width, odd0);
                odd1 = TLanes.FusedMultiplyAdd(b, row + width + TLanes.Count, odd1);
            }

            if (i < states)
            {
                TLanes a = TLanes.Create(x[i]);
                even0 = TLanes.FusedMultiplyAdd(a, row, even0);
                even1 = TLanes.FusedMultiplyAdd(a, row + TLanes.Count, even1);
            }

            (even0 + odd0).Store(y + j);
            (even1 + odd1).Store(y + j + TLanes.Count);
        }

        for (int j = blocks; j < stride; j += TLanes.Count)
        {
            double* row = panels + (j * stride);
            TLanes sum0 = TLanes.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
            int i = 0;
            for (; i + 3 < states; i += 4, row += 4 * TLanes.Count)
            {
                sum0 = TLanes.FusedMultiplyAdd(TLanes.Create(x[i]), row, sum0);
                sum1 = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 1]), row + TLanes.Count, sum1);
                sum2 = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 2]), row + (2 * TLanes.Count), sum2);
                sum3 = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 3]), row + (3 * TLanes.Count), sum3);
            }

            for (; i < states; i++, row += TLanes.Count)
            {
                sum0 = TLanes.FusedMultiplyAdd(TLanes.Create(x[i]), row, sum0);
            }

            ((sum0 + sum1) + (sum2 + sum3)).Store(y + j);
        }
    }

    /// <summary>The same for matrices that come from the second cache or beyond: eight rows at a time from end to end, which the processor fetches ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRows(double* weights, double* x, double* y, int states, int stride)
    {
        new Span<double>(y, stride).Clear();
        int i = 0;
        for (; i + 7 < states; i += 8)
        {
            double* row = weights + ((nint)i * stride);
            TLanes x0 = TLanes.Create(x[i]), x1 = TLanes.Create(x[i + 1]), x2 = TLanes.Create(x[i + 2]), x3 = TLanes.Create(x[i + 3]);
            for (int j = 0; j < stride; j += TLanes.Count, row += TLanes.Count)
            {
                double* low = row + (4 * (nint)stride);
                TLanes even = TLanes.FusedMultiplyAdd(x0, row, TLanes.Load(y + j)), odd = x1 * TLanes.Load(row + stride);
                even = TLanes.FusedMultiplyAdd(x2, row + (2 * stride), even);
                odd = TLanes.FusedMultiplyAdd(x3, row + (3 * stride), odd);
                even = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 4]), low, even);
                odd = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 5]), low + stride, odd);
                even = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 6]), low + (2 * stride), even);
                odd = TLanes.FusedMultiplyAdd(TLanes.Create(x[i + 7]), low + (3 * stride), odd);
                (even + odd).Store(y + j);
            }
        }

        for (; i < states; i++)
        {
            double* row = weights + ((nint)i * stride);
            TLanes factor = TLanes.Create(x[i]);
            for (int j = 0; j < stride; j += TLanes.Count)
            {
                TLanes.FusedMultiplyAdd(factor, row + j, TLanes.Load(y + j)).Store(y + j);
            }
        }
    }
}

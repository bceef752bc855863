using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>The softmax of a group of queries over keys that come a tile at a time: for each range of keys its own state, which are joined in the end.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal sealed unsafe class SoftMaxStates<TVector> : IDisposable
    where TVector : unmanaged, ITileVector<TVector>
{
    private readonly int _ranges;
    private readonly TileMemory _memory;

    public SoftMaxStates(int keys)
    {
        _ranges = LogitTileSizes.Ranges(keys);
        _memory = new(_ranges * SoftMaxState.Floats);
    }

    public SoftMaxState this[int range] => new(_memory.Floats + (range * SoftMaxState.Floats));

    public void Dispose() => _memory.Dispose();

    /// <summary>States of no key.</summary>
    public void Clear()
    {
        new Span<float>(_memory.Floats, (int)_memory.Length).Clear();
        for (int range = 0; range < _ranges; range++)
        {
            new Span<float>(this[range].Max, LogitTileSizes.GroupQueries).Fill(float.NegativeInfinity);
        }
    }

    /// <summary>The sums of one query over all ranges.</summary>
    public SoftMaxSums Join(int lane)
    {
        float max = float.NegativeInfinity;
        for (int range = 0; range < _ranges; range++)
        {
            max = MathF.Max(max, this[range].Max[lane]);
        }

        double sum = 0, moment = 0, shares = 0;
        for (int range = 0; range < _ranges; range++)
        {
            SoftMaxState state = this[range];
            shares += state.Shares[lane];
            double difference = (double)state.Max[lane] - max, part = state.Sum[lane] + (double)state.SumLow[lane];
            if (!double.IsNegativeInfinity(state.Max[lane]) || double.IsNaN(part))
            {
                double factor = ScalarFunctions.Exp(difference);
                sum += part * factor;
                moment += (state.Moment[lane] + (difference * part)) * factor;
            }
        }

        return new(max, sum, moment, shares);
    }

    /// <summary>One vector of queries, all keys of a tile, in four sums by the key's place modulo 4, so that additions need not wait for each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce<TMoment>(float* x, nint stride, int keys, in SoftMaxState state, int lane)
        where TMoment : struct, IMoment
    {
        TVector max0 = TVector.Load(state.Max + lane), max1 = max0, max2 = max0, max3 = max0, old = max0;
        float* p = x;
        int whole = keys & ~3, key = 0;
        for (; key < whole; key += 4, p += 4 * stride)
        {
            max0 = TVector.Max(max0, TVector.Load(p));
            max1 = TVector.Max(max1, TVector.Load(p + stride));
            max2 = TVector.Max(max2, TVector.Load(p + (2 * stride)));
            max3 = TVector.Max(max3, TVector.Load(p + (3 * stride)));
        }

        for (; key < keys; key++, p += stride)
        {
            max0 = TVector.Max(max0, TVector.Load(p));
        }

        TVector max = TVector.Max(TVector.Max(max0, max1), TVector.Max(max2, max3)), none = TVector.Create(float.NegativeInfinity);

        // Where there is nothing but -infinity, differences to 0 instead of to it are no NaN.
        TVector reference = TVector.SelectLess(none, max, max, TVector.Create(0));
        TVector sum = TVector.Load(state.Sum + lane), low = TVector.Load(state.SumLow + lane), moment = TMoment.IsWanted ? TVector.Load(state.Moment + lane) : default;
        if (TVector.AnyLess(old, max))
        {
            // The sum of nothing is 0, whatever it is multiplied by; its logarithm's difference is cut off, for 0 times infinity.
            TVector difference = TVector.Max(TVector.Create(-200), old - reference), factor = TileExp<TVector>.Of(difference);
            if (TMoment.IsWanted)
            {
                moment = TVector.FusedMultiplyAdd(difference, sum, moment) * factor;
            }

            sum *= factor;
            low *= factor;
            max.Store(state.Max + lane);
        }

        TVector sum0 = default, sum1 = default, sum2 = default, sum3 = default, moment0 = default, moment1 = default;
        p = x;
        for (key = 0; key < whole; key += 4, p += 4 * stride)
        {
            TVector d0 = TVector.Load(p) - reference, d1 = TVector.Load(p + stride) - reference;
            TVector d2 = TVector.Load(p + (2 * stride)) - reference, d3 = TVector.Load(p + (3 * stride)) - reference;
            TVector e0 = TileExp<TVector>.Of(d0), e1 = TileExp<TVector>.Of(d1), e2 = TileExp<TVector>.Of(d2), e3 = TileExp<TVector>.Of(d3);
            sum0 += e0;
            sum1 += e1;
            sum2 += e2;
            sum3 += e3;
            if (TMoment.IsWanted)
            {
                moment0 = Moment(d0, e0, moment0);
                moment1 = Moment(d1, e1, moment1);
                moment0 = Moment(d2, e2, moment0);
                moment1 = Moment(d3, e3, moment1);
            }
        }

        for (; key < keys; key++, p += stride)
        {
            TVector d = TVector.Load(p) - reference, e = TileExp<TVector>.Of(d);
            sum0 += e;
            if (TMoment.IsWanted)
            {
                moment0 = Moment(d, e, moment0);
            }
        }

        // The tiles of a range may be many: what an addition loses is kept (Knuth's TwoSum).
        TVector part = (sum0 + sum1) + (sum2 + sum3), total = sum + part, back = total - sum;
        low += (sum - (total - back)) + (part - back);
        total.Store(state.Sum + lane);
        low.Store(state.SumLow + lane);
        if (TMoment.IsWanted)
        {
            (moment + (moment0 + moment1)).Store(state.Moment + lane);
        }
    }

    /// <summary>d e^d, which is 0 for -infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Moment(TVector difference, TVector exp, TVector addend) =>
        TVector.FusedMultiplyAdd(TVector.Max(TVector.Create(-200), difference), exp, addend);
}

using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The softmax of each query over all keys but its target, and with it: what cross-entropy needs. For each query, over the ranges of keys, the maximum of the logits of the others,
/// the sum of their <c>e^(x - max)</c> compensated, and on demand the sum of their <c>(x - max) e^(x - max)</c> and of their shares of the target.
/// </summary>
/// <remarks>
/// The target is left out because <c>loss = log(1 + e^(lse of others - x_target))</c> then: a confident row keeps all digits of its small loss, where
/// <c>lse - x_target</c> has lost them. Scalar equivalent, a range: <c>m' = max(m, x); sum = sum e^(m - m') + e^(x - m')</c> (Milakov and Gimelshein 2018, algorithm 3).
/// </remarks>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TTransform">What becomes of a logit before it is used.</typeparam>
internal sealed unsafe class SoftMaxTiles<TVector, TTransform> : TileLoss, IDisposable
    where TVector : unmanaged, ITileVector<TVector>
    where TTransform : struct, ILogitTransform
{
    private const int Lanes = LogitTileSizes.GroupQueries;

    private readonly TTransform _transform;
    private readonly SoftMaxTargets _targets;
    private readonly int _ranges;
    private readonly TileMemory _states;

    public SoftMaxTiles(TTransform transform, SoftMaxTargets targets, int keys)
    {
        _transform = transform;
        _targets = targets;
        _ranges = LogitTileSizes.Ranges(keys);
        _states = new(_ranges * State.Count * (nint)Lanes);
    }

    public void Dispose() => _states.Dispose();

    public override void BeginGroup(int firstQuery, int queries)
    {
        new Span<float>(_states.Floats, (int)_states.Length).Clear();
        for (int range = 0; range < _ranges; range++)
        {
            new Span<float>(StateOf(range).Max, Lanes).Fill(float.NegativeInfinity);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void See(in LogitTile tile)
    {
        State state = StateOf(tile.Range);
        if (TTransform.IsNeeded)
        {
            Transform(tile);
        }

        if (_targets.HasShares)
        {
            AddShares(tile, state.Shares + tile.Lane);
        }

        TakeTargets(tile);
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            if (_targets.WantsEntropy)
            {
                Reduce<WithMoment>(tile.Logits + i, tile.Stride, tile.Keys, state, tile.Lane + i);
            }
            else
            {
                Reduce<WithoutMoment>(tile.Logits + i, tile.Stride, tile.Keys, state, tile.Lane + i);
            }
        }
    }

    public override void EndGroup(int firstQuery, int queries)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            float max = float.NegativeInfinity;
            for (int range = 0; range < _ranges; range++)
            {
                max = MathF.Max(max, StateOf(range).Max[lane]);
            }

            double sum = 0, moment = 0, shares = 0;
            for (int range = 0; range < _ranges; range++)
            {
                State state = StateOf(range);
                shares += state.Shares[lane];
                double difference = (double)state.Max[lane] - max, part = state.Sum[lane] + (double)state.SumLow[lane];
                if (!double.IsNegativeInfinity(state.Max[lane]) || double.IsNaN(part))
                {
                    double factor = ScalarFunctions.Exp(difference);
                    sum += part * factor;
                    moment += (state.Moment[lane] + (difference * part)) * factor;
                }
            }

            _targets.Finish(firstQuery + lane, new(max, sum, moment, shares));
        }
    }

    /// <summary>Derivatives of the logits: <c>factor e^(x - reference) - rest</c> for the others, the target's own number for the target, times that of the transform.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Differentiate(in LogitTile tile)
    {
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            TVector reference = TVector.Load(_targets.References + tile.FirstQuery + i), factor = TVector.Load(_targets.Factors + tile.FirstQuery + i);
            TVector scale = _targets.HasShares ? TVector.Load(_targets.ShareScales + tile.FirstQuery + i) : default;
            float* x = tile.Logits + i;
            for (int key = 0; key < tile.Keys; key++, x += tile.Stride)
            {
                TVector logit = _transform.Of(TVector.Load(x), out TVector slope);
                TVector derivative = TileExp<TVector>.Of(logit - reference) * factor;
                if (_targets.HasShares)
                {
                    derivative = TVector.FusedMultiplyAdd(TVector.Create(-_targets.ShareOf(tile.FirstKey + key)), scale, derivative);
                }

                (TTransform.IsNeeded ? derivative * slope : derivative).Store(x);
            }
        }

        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = _targets.Classes[tile.FirstQuery + lane] - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                tile.Logits[(key * tile.Stride) + lane] = _targets.TargetDerivatives[tile.FirstQuery + lane];
            }
        }
    }

    private State StateOf(int range) => new(_states.Floats + (range * State.Count * (nint)Lanes));

    private void Transform(in LogitTile tile)
    {
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = _targets.Classes[tile.FirstQuery + lane] - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                _targets.RawLogits[tile.FirstQuery + lane] = tile.Logits[(key * tile.Stride) + lane];
            }
        }

        for (int key = 0; key < tile.Keys; key++)
        {
            float* x = tile.Logits + (key * tile.Stride);
            for (int i = 0; i < tile.Width; i += TVector.Count)
            {
                _transform.Of(TVector.Load(x + i), out _).Store(x + i);
            }
        }
    }

    private void AddShares(in LogitTile tile, float* sums)
    {
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            TVector sum = default;
            for (int key = 0; key < tile.Keys; key++)
            {
                // A share of 0 removes its term, whatever the logit is.
                float share = _targets.ShareOf(tile.FirstKey + key);
                if (share != 0)
                {
                    sum = TVector.FusedMultiplyAdd(TVector.Create(share), TVector.Load(tile.Logits + (key * tile.Stride) + i), sum);
                }
            }

            (TVector.Load(sums + i) + sum).Store(sums + i);
        }
    }

    private void TakeTargets(in LogitTile tile)
    {
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = _targets.Classes[tile.FirstQuery + lane] - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                float* logit = tile.Logits + (key * tile.Stride) + lane;
                _targets.TargetLogits[tile.FirstQuery + lane] = *logit;
                *logit = float.NegativeInfinity;
            }
        }
    }

    /// <summary>One vector of queries, all keys of a tile, in four sums by the key's place modulo 4, so that additions need not wait for each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Reduce<TMoment>(float* x, nint stride, int keys, in State state, int lane)
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

    /// <summary>The numbers of one range of keys: a float a query of the group, for each.</summary>
    private readonly struct State(float* start)
    {
        public const int Count = 5;

        public float* Max { get; } = start;

        public float* Sum { get; } = start + Lanes;

        public float* SumLow { get; } = start + (2 * Lanes);

        public float* Moment { get; } = start + (3 * Lanes);

        public float* Shares { get; } = start + (4 * Lanes);
    }
}

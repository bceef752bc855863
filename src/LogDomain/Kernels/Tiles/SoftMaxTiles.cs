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
    private readonly TTransform _transform;
    private readonly SoftMaxTargets _targets;
    private readonly SoftMaxStates<TVector> _states;

    public SoftMaxTiles(TTransform transform, SoftMaxTargets targets, int keys)
    {
        _transform = transform;
        _targets = targets;
        _states = new(keys);
    }

    public void Dispose() => _states.Dispose();

    public override void BeginGroup(int firstQuery, int queries) => _states.Clear();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void See(in LogitTile tile)
    {
        SoftMaxState state = _states[tile.Range];
        if (TTransform.IsNeeded)
        {
            Transform(tile);
        }

        if (_targets.HasShares)
        {
            AddShares(tile, state.Shares + tile.Lane);
        }

        TakeTargets(tile);
        _targets.Mask.Fill(tile, float.NegativeInfinity);
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            if (_targets.WantsEntropy)
            {
                SoftMaxStates<TVector>.Reduce<WithMoment>(tile.Logits + i, tile.Stride, tile.Keys, state, tile.Lane + i);
            }
            else
            {
                SoftMaxStates<TVector>.Reduce<WithoutMoment>(tile.Logits + i, tile.Stride, tile.Keys, state, tile.Lane + i);
            }
        }
    }

    public override void EndGroup(int firstQuery, int queries)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            _targets.Finish(firstQuery + lane, _states.Join(lane));
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

        _targets.Mask.Fill(tile, 0);
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = _targets.Classes[tile.FirstQuery + lane] - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                tile.Logits[(key * tile.Stride) + lane] = _targets.TargetDerivatives[tile.FirstQuery + lane];
            }
        }
    }

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
}

using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// Cross-entropy of softmax in both directions, where query i and key i belong together: each query over the keys, and from the same tiles each key over the queries
/// (Radford et al. 2021). Each leaves its own pair out of its sum, as <see cref="SoftMaxTiles{TVector, TTransform}"/> does.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal sealed unsafe class TwoSidedTiles<TVector> : TileLoss, IDisposable
    where TVector : unmanaged, ITileVector<TVector>
{
    private readonly SoftMaxTargets _rows, _columns;
    private readonly float _scale;
    private readonly int _keys;
    private readonly SoftMaxStates<TVector> _rowStates;
    private readonly ColumnStates _columnStates;
    private readonly DerivativeSums _byScale;

    /// <param name="rows">Of the queries.</param>
    /// <param name="columns">Of the keys.</param>
    /// <param name="scale">What products are multiplied by, above 0.</param>
    /// <param name="keys">How many keys there are, and queries.</param>
    public TwoSidedTiles(SoftMaxTargets rows, SoftMaxTargets columns, double scale, int keys)
    {
        _rows = rows;
        _columns = columns;
        _scale = (float)scale;
        _keys = keys;
        _rowStates = new(keys);
        _columnStates = new(keys);
        _byScale = new(keys);
    }

    /// <summary>The derivative by the scale, when all tiles have been differentiated.</summary>
    public double ScaleDerivative => _byScale.Total();

    public void Dispose()
    {
        _rowStates.Dispose();
        _columnStates.Dispose();
    }

    public override void BeginGroup(int firstQuery, int queries) => _rowStates.Clear();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void See(in LogitTile tile)
    {
        TVector scale = TVector.Create(_scale);
        for (int key = 0; key < tile.Keys; key++)
        {
            float* x = tile.Logits + (key * tile.Stride);
            for (int i = 0; i < tile.Width; i += TVector.Count)
            {
                (TVector.Load(x + i) * scale).Store(x + i);
            }

            new Span<float>(x + tile.Queries, tile.Width - tile.Queries).Fill(float.NegativeInfinity);
        }

        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int query = tile.FirstQuery + lane, key = query - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                float* logit = tile.Logits + (key * tile.Stride) + lane;
                _rows.TargetLogits[query] = *logit;
                _columns.TargetLogits[query] = *logit;
                *logit = float.NegativeInfinity;
            }
        }

        _rows.Mask.Fill(tile, float.NegativeInfinity);
        _columnStates.See<TVector>(tile);
        SoftMaxState state = _rowStates[tile.Range];
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            SoftMaxStates<TVector>.Reduce<WithoutMoment>(tile.Logits + i, tile.Stride, tile.Keys, state, tile.Lane + i);
        }
    }

    public override void EndGroup(int firstQuery, int queries)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            _rows.Finish(firstQuery + lane, _rowStates.Join(lane));
        }
    }

    public override void End()
    {
        for (int key = 0; key < _keys; key++)
        {
            _columns.Finish(key, _columnStates.Join(key));
        }
    }

    /// <summary>
    /// Derivatives by the products: <c>scale (rowFactor e^(x - rowReference) + columnFactor e^(x - columnReference))</c>. Pairs that are left out, or belong together, count as
    /// -infinity first, so that they have no part in the derivative by the scale but their own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Differentiate(in LogitTile tile)
    {
        float* products = stackalloc float[tile.Queries];
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = tile.FirstQuery + lane - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                float* product = tile.Logits + (key * tile.Stride) + lane;
                products[lane] = *product;
                *product = float.NegativeInfinity;
            }
        }

        _rows.Mask.Fill(tile, float.NegativeInfinity);
        TVector scale = TVector.Create(_scale), lowest = TVector.Create(float.MinValue);
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            TVector reference = TVector.Load(_rows.References + tile.FirstQuery + i), factor = TVector.Load(_rows.Factors + tile.FirstQuery + i), byScale = default;
            float* p = tile.Logits + i, references = _columns.References + tile.FirstKey, factors = _columns.Factors + tile.FirstKey;
            for (int key = 0; key < tile.Keys; key++, p += tile.Stride)
            {
                TVector product = TVector.Load(p), x = product * scale;
                TVector ofRow = TileExp<TVector>.Of(x - reference) * factor;
                TVector derivative = TVector.FusedMultiplyAdd(TileExp<TVector>.Of(x - TVector.Create(references[key])), TVector.Create(factors[key]), ofRow);

                // 0 times infinity is 0 here.
                byScale = TVector.FusedMultiplyAdd(derivative, TVector.Max(lowest, product), byScale);
                (derivative * scale).Store(p);
            }

            _byScale.Add(tile, i, byScale);
        }

        _rows.Mask.Fill(tile, 0);
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int query = tile.FirstQuery + lane, key = query - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                float derivative = _rows.TargetDerivatives[query] + _columns.TargetDerivatives[query];
                tile.Logits[(key * tile.Stride) + lane] = derivative * _scale;
                _byScale.Add(tile, lane, (double)derivative * products[lane]);
            }
        }
    }
}

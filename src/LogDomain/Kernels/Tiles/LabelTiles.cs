using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// Softmax of each embedding over all others, where those of its label are its positives. Queries and keys are the same embeddings, so the products are a symmetric matrix, bit for
/// bit: the derivative of a product is that for its query and that for its key, and the gradient of the queries is that of the embeddings.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal sealed unsafe class LabelTiles<TVector> : TileLoss, IDisposable
    where TVector : unmanaged, ITileVector<TVector>
{
    private const int Lanes = LogitTileSizes.GroupQueries;

    private readonly LabelTargets _targets;
    private readonly float _scale;
    private readonly int _ranges;
    private readonly SoftMaxStates<TVector> _negatives, _positives;

    // Of each range: the sums of the positives' logits, and what these additions have lost.
    private readonly TileMemory _logits;

    // 0, 1, 2, ...: the lanes of a panel.
    private readonly TileMemory _lanes;

    /// <param name="targets">The labels, and where the results go.</param>
    /// <param name="scale">What products are multiplied by, above 0.</param>
    /// <param name="keys">How many embeddings there are.</param>
    public LabelTiles(LabelTargets targets, double scale, int keys)
    {
        _targets = targets;
        _scale = (float)scale;
        _ranges = LogitTileSizes.Ranges(keys);
        _negatives = new(keys);
        _positives = new(keys);
        _logits = new(_ranges * 2 * Lanes);
        _lanes = new(MicroKernel<TVector>.PanelWidth);
        for (int lane = 0; lane < MicroKernel<TVector>.PanelWidth; lane++)
        {
            _lanes.Floats[lane] = lane;
        }
    }

    public void Dispose()
    {
        _negatives.Dispose();
        _positives.Dispose();
        _logits.Dispose();
        _lanes.Dispose();
    }

    public override void BeginGroup(int firstQuery, int queries)
    {
        _negatives.Clear();
        _positives.Clear();
        new Span<float>(_logits.Floats, (int)_logits.Length).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void See(in LogitTile tile)
    {
        SoftMaxState negatives = _negatives[tile.Range], positives = _positives[tile.Range];
        float* logits = _logits.Floats + (tile.Range * 2 * Lanes) + tile.Lane, taken = stackalloc float[LogitTileSizes.TileKeys * TVector.Count];
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            int count = TakePositives(tile, i, taken, logits + i);
            SumPositives(taken, count, positives, tile.Lane + i);
        }

        // The positives have been taken out before, whatever their mask is.
        _targets.Mask.Fill(tile, float.NegativeInfinity);
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            SoftMaxStates<TVector>.Reduce<WithoutMoment>(tile.Logits + i, tile.Stride, tile.Keys, negatives, tile.Lane + i);
        }
    }

    public override void EndGroup(int firstQuery, int queries)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            double logits = 0;
            for (int range = 0; range < _ranges; range++)
            {
                float* sums = _logits.Floats + (range * 2 * Lanes) + lane;
                logits += sums[0] + (double)sums[Lanes];
            }

            _targets.Finish(firstQuery + lane, _negatives.Join(lane), _positives.Join(lane), logits);
        }
    }

    /// <summary>
    /// Derivatives by the products, <c>factor e^(x - reference)</c> for negatives and <c>positive factor e^(x - reference) - positive share</c> for positives, of the query
    /// and of the key; 0 for an embedding with itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Differentiate(in LogitTile tile)
    {
        TVector scale = TVector.Create(_scale), half = TVector.Create(0.5f), zero = TVector.Create(0);
        float* counts = stackalloc float[_targets.Mask.IsEmpty ? 0 : 2 * TVector.Count];
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            nint query = tile.FirstQuery + i;
            TVector labels = TVector.Load(_targets.Labels + query), reference = TVector.Load(_targets.References + query), factor = TVector.Load(_targets.Factors + query);
            TVector positiveFactor = TVector.Load(_targets.PositiveFactors + query), positiveShare = TVector.Load(_targets.PositiveShares + query);
            float* p = tile.Logits + i;
            for (int key = tile.FirstKey; key < tile.FirstKey + tile.Keys; key++, p += tile.Stride)
            {
                TVector x = TVector.Load(p) * scale, distance = TVector.Abs(labels - TVector.Create(_targets.Labels[key]));
                TVector ofQuery = TileExp<TVector>.Of(x - reference), ofKey = TileExp<TVector>.Of(x - TVector.Create(_targets.References[key]));
                TVector keyFactor = TVector.Create(_targets.Factors[key]);
                if (TVector.AnyLess(distance, half))
                {
                    ofQuery = (ofQuery * TVector.SelectLess(distance, half, positiveFactor, factor)) - TVector.SelectLess(distance, half, positiveShare, zero);
                    ofKey = (ofKey * TVector.SelectLess(distance, half, TVector.Create(_targets.PositiveFactors[key]), keyFactor))
                        - TVector.SelectLess(distance, half, TVector.Create(_targets.PositiveShares[key]), zero);
                }
                else
                {
                    ofQuery *= factor;
                    ofKey *= keyFactor;
                }

                if (!_targets.Mask.IsEmpty)
                {
                    // Chosen, not multiplied by 0: what does not count may be larger than the reference by any amount, and its e^x infinite.
                    ReadMask(tile, i, key, counts);
                    ofQuery = TVector.SelectLess(TVector.Load(counts), half, TVector.SelectLess(distance, half, ofQuery, zero), ofQuery);
                    ofKey = TVector.SelectLess(TVector.Load(counts + TVector.Count), half, TVector.SelectLess(distance, half, ofKey, zero), ofKey);
                }

                (ofQuery + ofKey).Store(p);
            }
        }

        for (int lane = 0; lane < tile.Queries; lane++)
        {
            int key = tile.FirstQuery + lane - tile.FirstKey;
            if ((uint)key < (uint)tile.Keys)
            {
                tile.Logits[(key * tile.Stride) + lane] = 0;
            }
        }
    }

    /// <summary>1 where a key counts for each of some queries, and 0 where it does not; behind them the same for the queries as keys of the key.</summary>
    private void ReadMask(in LogitTile tile, int first, int key, float* counts)
    {
        for (int lane = 0; lane < TVector.Count; lane++)
        {
            int query = tile.FirstQuery + first + lane;
            bool isQuery = first + lane < tile.Queries;
            counts[lane] = isQuery && !_targets.Mask.LeavesOut(query, key) ? 1 : 0;
            counts[TVector.Count + lane] = isQuery && !_targets.Mask.LeavesOut(key, query) ? 1 : 0;
        }
    }

    /// <summary>
    /// Makes logits of one vector of queries, takes out what has their label, and sums the logits of positives. Returns how many rows with positives, and -infinity in the other lanes, have
    /// been put together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int TakePositives(in LogitTile tile, int i, float* taken, float* logits)
    {
        TVector scale = TVector.Create(_scale), half = TVector.Create(0.5f), none = TVector.Create(float.NegativeInfinity), zero = TVector.Create(0), one = TVector.Create(1);
        TVector labels = TVector.Load(_targets.Labels + tile.FirstQuery + i), sum = TVector.Load(logits), low = TVector.Load(logits + Lanes);
        float* p = tile.Logits + i;
        int count = 0;
        for (int key = tile.FirstKey; key < tile.FirstKey + tile.Keys; key++, p += tile.Stride)
        {
            TVector x = TVector.Load(p) * scale, distance = TVector.Abs(labels - TVector.Create(_targets.Labels[key]));
            if (TVector.AnyLess(distance, half))
            {
                // An embedding is no positive of its own.
                TVector fromSelf = TVector.Abs(TVector.Load(_lanes.Floats + i) + TVector.Create(tile.FirstQuery - key)), other = TVector.SelectLess(fromSelf, half, one, distance);
                TVector.SelectLess(other, half, x, none).Store(taken + (count++ * TVector.Count));
                TVector part = TVector.SelectLess(other, half, x, zero), total = sum + part, back = total - sum;
                low += (sum - (total - back)) + (part - back);
                sum = total;
                x = TVector.SelectLess(distance, half, none, x);
            }

            x.Store(p);
        }

        sum.Store(logits);
        low.Store(logits + Lanes);
        return count;
    }

    /// <summary>As for the negatives, but in a single sum: which rows have come together depends on the width of the vectors, and -infinity adds exactly 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumPositives(float* x, int rows, in SoftMaxState state, int lane)
    {
        if (rows == 0)
        {
            return;
        }

        TVector old = TVector.Load(state.Max + lane), max = old, none = TVector.Create(float.NegativeInfinity);
        for (int row = 0; row < rows; row++)
        {
            max = TVector.Max(max, TVector.Load(x + (row * TVector.Count)));
        }

        TVector reference = TVector.SelectLess(none, max, max, TVector.Create(0)), factor = TileExp<TVector>.Of(TVector.Max(TVector.Create(-200), old - reference)), part = default;
        for (int row = 0; row < rows; row++)
        {
            part += TileExp<TVector>.Of(TVector.Load(x + (row * TVector.Count)) - reference);
        }

        TVector sum = TVector.Load(state.Sum + lane) * factor, low = TVector.Load(state.SumLow + lane) * factor, total = sum + part, back = total - sum;
        max.Store(state.Max + lane);
        total.Store(state.Sum + lane);
        (low + ((sum - (total - back)) + (part - back))).Store(state.SumLow + lane);
    }
}

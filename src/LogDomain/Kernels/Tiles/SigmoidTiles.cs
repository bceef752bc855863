using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The binary cross-entropy of every pair (Zhai et al. 2023): <c>softplus(x)</c> with <c>x = scale product + bias</c>, and <c>softplus(-x)</c> for query i and key i, which belong together.
/// All terms are positive, so that nothing cancels.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal sealed unsafe class SigmoidTiles<TVector> : TileLoss, IDisposable
    where TVector : unmanaged, ITileVector<TVector>
{
    private const nint Lanes = LogitTileSizes.GroupQueries;

    private readonly float _scale, _bias;
    private readonly double _factor;
    private readonly PairMask _mask;
    private readonly double[] _losses;
    private readonly int _ranges;
    private readonly TileMemory _states;
    private readonly DerivativeSums _byScale, _byBias;

    /// <param name="scale">What products are multiplied by, above 0.</param>
    /// <param name="bias">What is added to them then.</param>
    /// <param name="factor">Of all derivatives.</param>
    /// <param name="mask">Pairs that are left out; those that belong together never are.</param>
    /// <param name="losses">Receive one loss a query.</param>
    public SigmoidTiles(double scale, double bias, double factor, PairMask mask, double[] losses)
    {
        _scale = (float)scale;
        _bias = (float)bias;
        _factor = factor;
        _mask = mask;
        _losses = losses;
        _ranges = LogitTileSizes.Ranges(losses.Length);
        _states = new(_ranges * 2 * Lanes);
        _byScale = new(losses.Length);
        _byBias = new(losses.Length);
    }

    /// <summary>The derivative by the scale, when all tiles have been differentiated.</summary>
    public double ScaleDerivative => _byScale.Total();

    /// <summary>The derivative by the bias, when all tiles have been differentiated.</summary>
    public double BiasDerivative => _byBias.Total();

    public void Dispose() => _states.Dispose();

    public override void BeginGroup(int firstQuery, int queries) => new Span<float>(_states.Floats, (int)_states.Length).Clear();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void See(in LogitTile tile)
    {
        float* pairs = stackalloc float[tile.Queries];
        TakePairs(tile, pairs);
        TVector scale = TVector.Create(_scale), bias = TVector.Create(_bias), none = TVector.Create(0);
        float* sums = _states.Floats + (tile.Range * 2 * Lanes) + tile.Lane;
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            TVector part = default;
            float* p = tile.Logits + i;
            for (int key = 0; key < tile.Keys; key++, p += tile.Stride)
            {
                TVector x = TVector.FusedMultiplyAdd(TVector.Load(p), scale, bias);
                part += TileLog1P<TVector>.Of(TileExp<TVector>.Of(none - TVector.Abs(x))) + TVector.Max(none, x);
            }

            // The tiles of a range may be many: what an addition loses is kept (Knuth's TwoSum).
            TVector sum = TVector.Load(sums + i), total = sum + part, back = total - sum;
            (TVector.Load(sums + Lanes + i) + ((sum - (total - back)) + (part - back))).Store(sums + Lanes + i);
            total.Store(sums + i);
        }

        for (int lane = 0; lane < tile.Queries; lane++)
        {
            if (HasPair(tile, lane, out _))
            {
                _losses[tile.FirstQuery + lane] = Scalar.Of<Softplus, double>(-Logit(pairs[lane]));
            }
        }
    }

    public override void EndGroup(int firstQuery, int queries)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            for (int range = 0; range < _ranges; range++)
            {
                float* sums = _states.Floats + (range * 2 * Lanes) + lane;
                _losses[firstQuery + lane] += sums[0] + (double)sums[Lanes];
            }
        }
    }

    /// <summary>
    /// Derivatives by the products: <c>factor scale sigmoid(x)</c>, and <c>-factor scale sigmoid(-x)</c> for pairs that belong together. These, and those that are left out, count as
    /// -infinity first, so that they have no part in the derivatives by scale and bias but their own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Differentiate(in LogitTile tile)
    {
        float* pairs = stackalloc float[tile.Queries];
        TakePairs(tile, pairs);
        TVector scale = TVector.Create(_scale), bias = TVector.Create(_bias), factor = TVector.Create((float)_factor), zero = TVector.Create(0), one = TVector.Create(1);
        TVector lowest = TVector.Create(float.MinValue);
        for (int i = 0; i < tile.Width; i += TVector.Count)
        {
            TVector byScale = default, byBias = default;
            float* p = tile.Logits + i;
            for (int key = 0; key < tile.Keys; key++, p += tile.Stride)
            {
                TVector product = TVector.Load(p), x = TVector.FusedMultiplyAdd(product, scale, bias), z = TileExp<TVector>.Of(zero - TVector.Abs(x));
                TVector derivative = TVector.SelectLess(x, zero, z, one) / (one + z) * factor;
                byBias += derivative;

                // 0 times infinity is 0 here.
                byScale = TVector.FusedMultiplyAdd(derivative, TVector.Max(lowest, product), byScale);
                (derivative * scale).Store(p);
            }

            _byScale.Add(tile, i, byScale);
            _byBias.Add(tile, i, byBias);
        }

        _mask.Fill(tile, 0);
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            if (HasPair(tile, lane, out int key))
            {
                double derivative = -_factor * Scalar.Of<Sigmoid, double>(-Logit(pairs[lane]));
                tile.Logits[(key * tile.Stride) + lane] = (float)(derivative * _scale);
                _byScale.Add(tile, lane, derivative * pairs[lane]);
                _byBias.Add(tile, lane, derivative);
            }
        }
    }

    private double Logit(float product) => MathF.FusedMultiplyAdd(product, _scale, _bias);

    /// <summary>Takes out pairs that belong together, and those that are left out.</summary>
    private void TakePairs(in LogitTile tile, float* pairs)
    {
        for (int lane = 0; lane < tile.Queries; lane++)
        {
            if (HasPair(tile, lane, out int key))
            {
                pairs[lane] = tile.Logits[(key * tile.Stride) + lane];
                tile.Logits[(key * tile.Stride) + lane] = float.NegativeInfinity;
            }
        }

        _mask.Fill(tile, float.NegativeInfinity);
    }

    private static bool HasPair(in LogitTile tile, int lane, out int key)
    {
        key = tile.FirstQuery + lane - tile.FirstKey;
        return (uint)key < (uint)tile.Keys;
    }
}

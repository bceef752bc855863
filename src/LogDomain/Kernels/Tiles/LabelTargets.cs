using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The labels of embeddings, and what the losses and derivatives of each come to: <c>loss_i = log(sum_{a != i} e^(x_ia)) - mean of x_ip over its positives</c>, which are the others of its
/// label (Khosla et al. 2020, equation 2).
/// </summary>
/// <remarks>
/// It is computed as <c>(log(sum over positives of e^x) - mean of positives) + log(1 + e^(lse of negatives - lse of positives))</c>, two parts that are not negative. The first is 0 for one
/// positive, and at least log 2 for more.
/// </remarks>
internal sealed unsafe class LabelTargets : IDisposable
{
    /// <summary>Up to here floats tell integers apart.</summary>
    public const int MostLabels = 1 << 24;

    // Panels read a whole number of vectors.
    private const int Padding = 16;

    private readonly TileMemory _floats;
    private readonly int[] _positives;
    private readonly nint _stride;
    private readonly double _scale;

    /// <param name="labels">One an embedding, from 0.</param>
    /// <param name="positives">The number of others with the label of each.</param>
    /// <param name="scale">The factor of all derivatives.</param>
    public LabelTargets(ReadOnlySpan<int> labels, int[] positives, double scale)
    {
        _positives = positives;
        _scale = scale;
        _stride = (labels.Length + Padding - 1) / Padding * Padding;
        _floats = new(5 * _stride);
        new Span<float>(_floats.Floats, (int)_floats.Length).Clear();
        new Span<float>(Labels, (int)_stride).Fill(-1);
        for (int i = 0; i < labels.Length; i++)
        {
            Labels[i] = labels[i];
        }

        Losses = new double[labels.Length];
    }

    /// <summary>-1 for lanes that are no embedding.</summary>
    public float* Labels => _floats.Floats;

    /// <summary>The largest logit of each embedding with another.</summary>
    public float* References => _floats.Floats + _stride;

    /// <summary>What e^(x - reference) of a negative is multiplied by.</summary>
    public float* Factors => _floats.Floats + (2 * _stride);

    /// <summary>What e^(x - reference) of a positive is multiplied by: 0 for one that is alone, whose derivative <see cref="PositiveShares"/> has.</summary>
    public float* PositiveFactors => _floats.Floats + (3 * _stride);

    /// <summary>What is taken off the derivative of a positive.</summary>
    public float* PositiveShares => _floats.Floats + (4 * _stride);

    /// <summary>Which embeddings are no negatives of which. Positives count in any case.</summary>
    public PairMask Mask { get; init; }

    /// <summary>0 for an embedding without positives.</summary>
    public double[] Losses { get; }

    public void Dispose() => _floats.Dispose();

    /// <summary>Called once for each embedding, when all its logits have been seen.</summary>
    /// <param name="query">The embedding.</param>
    /// <param name="negatives">The sums over those of other labels.</param>
    /// <param name="positives">The sums over its positives.</param>
    /// <param name="logits">The sum of the logits of its positives.</param>
    // Optimised at its first call: at the first tier it would cost as much as the products of a query.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish(int query, in SoftMaxSums negatives, in SoftMaxSums positives, double logits)
    {
        int count = _positives[query];
        float reference = MathF.Max(negatives.Max, positives.Max);
        References[query] = reference;
        if (count == 0)
        {
            return;
        }

        double logOfNegatives = Log(negatives), logOfPositives = Log(positives), difference = logOfNegatives - logOfPositives;
        double spread = count == 1 ? 0 : Scalar.Log(positives.Sum) + (positives.Max - (logits / count));
        Losses[query] = spread + Scalar.Of<Softplus, double>(difference);

        double sum = Part(negatives, reference) + Part(positives, reference), factor = _scale / sum;
        Factors[query] = (float)factor;
        PositiveFactors[query] = count == 1 ? 0 : (float)factor;
        PositiveShares[query] = (float)(count == 1 ? _scale * Scalar.Of<Sigmoid, double>(difference) : _scale / count);
    }

    private static double Log(in SoftMaxSums sums) => sums.Sum > 0 ? sums.Max + Scalar.Log(sums.Sum) : sums.Sum == 0 ? double.NegativeInfinity : double.NaN;

    private static double Part(in SoftMaxSums sums, float reference) => sums.Sum == 0 ? 0 : sums.Sum * ScalarFunctions.Exp((double)sums.Max - reference);
}

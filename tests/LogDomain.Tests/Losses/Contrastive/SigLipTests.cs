using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses.Contrastive;

public sealed class SingleSigLipTests : SigLipTests<float>;

public sealed class HalfSigLipTests : SigLipTests<Half>;

public sealed class BFloat16SigLipTests : SigLipTests<BFloat16>;

/// <summary>The sigmoid loss of pairs against the plain computation in double, within the error of the accumulation.</summary>
public abstract class SigLipTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [InlineData(1, 1, 10.0, -10.0, true, false)]
    [InlineData(3, 17, 10.0, -10.0, true, false)]
    [InlineData(25, 9, 0.3, 0.0, false, true)]
    [InlineData(255, 123, 10.0, -10.0, true, true)]
    [InlineData(64, 512, 100.0, -60.0, true, false)]
    [InlineData(400, 6, 100.0, 20.0, true, true)]
    [InlineData(1100, 5, 12.0, -8.0, true, false)]
    public void Losses_and_gradients_are_within_their_limits(int pairs, int features, double scale, double bias, bool normalize, bool hasMask)
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(pairs, features, seed: pairs, noise: 0.3);
        bool[] mask = hasMask ? ContrastiveInputs.Mask(pairs, pairs, seed: 3) : [];
        SigLipOptions options = new() { Normalize = normalize, Negatives = mask };
        PairReference reference = new(ContrastiveInputs.Doubles(x), ContrastiveInputs.Doubles(y), features, scale, bias, normalize);
        T[] losses = ContrastiveInputs.Poison<T>(pairs + 1), xGradient = ContrastiveInputs.Poison<T>(x.Length), yGradient = ContrastiveInputs.Poison<T>(y.Length);
        SigLip.LossPerRow<T>(x, y, features, scale, bias, losses, options);
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < pairs; i++)
        {
            (double Loss, double Tolerance) row = reference.Sigmoid(i, j => !hasMask || mask[(i * pairs) + j], 1.0 / pairs);
            PairReference.AssertNear(row, losses[i], $"image {i}");
            (sum, tolerance) = (sum + row.Loss, tolerance + row.Tolerance);
        }

        Assert.True(T.IsNaN(losses[pairs]));
        T loss = SigLip.LossAndGradient<T>(x, y, features, scale, bias, xGradient, yGradient, out double scaleGradient, out double biasGradient, options);
        PairReference.AssertNear((sum / pairs, tolerance / pairs), loss, "mean");
        PairReference.AssertNear<T>(reference.QueriesGradient(), xGradient, "gradient of images");
        PairReference.AssertNear<T>(reference.KeysGradient(), yGradient, "gradient of texts");
        PairReference.AssertNear(reference.ScaleGradient(), scaleGradient, "gradient of scale");
        PairReference.AssertNear(reference.BiasGradient(), biasGradient, "gradient of bias");
        Bits.AssertSame([loss], [SigLip.Loss<T>(x, y, features, scale, bias, options)], "loss alone");
    }

    [Fact]
    public void Confident_pairs_keep_their_small_losses()
    {
        // Cosine 1 for the pair and 0 for the others: x is 30 and -30.
        T[] x = [T.One, T.Zero, T.Zero, T.One], losses = new T[2];
        if (typeof(T) == typeof(Half))
            return;   // e^-30 is below half of its smallest number.

        SigLip.LossPerRow<T>(x, x, 2, 60, -30, losses);
        Assert.All(losses, loss => Assert.Equal(2, double.CreateTruncating(loss) / Math.Exp(-30), 0.005));
    }

    [Fact]
    public void Excluded_pairs_play_no_part_but_those_of_the_diagonal_always_do()
    {
        T[] x = [T.One, T.CreateTruncating(2)], y = [T.One, T.CreateTruncating(3)], losses = new T[2], pair = new T[1], xGradient = new T[2], yGradient = new T[2];
        SigLipOptions options = new() { Normalize = false, Negatives = new bool[4], Reduction = Reduction.Sum };
        SigLip.LossPerRow<T>(x, y, 1, 0.5, 0.25, losses, options);
        SigLip.LossPerRow<T>(x.AsSpan(1), y.AsSpan(1), 1, 0.5, 0.25, pair, new() { Normalize = false });
        Assert.Equal(pair[0], losses[1]);
        SigLip.LossAndGradient<T>(x, y, 1, 0.5, 0.25, xGradient, yGradient, out double scaleGradient, out double biasGradient, options);
        double first = -1 / (1 + Math.Exp(0.75)), second = -1 / (1 + Math.Exp(3.25));
        Assert.Equal(first + (6 * second), scaleGradient, 1e-6);
        Assert.Equal(first + second, biasGradient, 1e-6);
        Assert.Equal(0.5 * 3 * second, double.CreateTruncating(xGradient[1]), 1e-3);
    }

    [Fact]
    public void An_image_that_is_not_a_number_spoils_its_own_loss_alone()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(50, 6, seed: 6);
        T[] losses = new T[50], clean = new T[50];
        SigLip.LossPerRow<T>(x, y, 6, 10, -10, clean);
        x[(49 * 6) + 2] = T.NaN;
        SigLip.LossPerRow<T>(x, y, 6, 10, -10, losses);
        Assert.True(T.IsNaN(losses[49]));
        Bits.AssertSame<T>(clean.AsSpan(0, 49), losses.AsSpan(0, 49), "other images");
    }

    [Fact]
    public void Bits_do_not_depend_on_threads()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(1100, 7, seed: 7);
        T[]? expected = null;
        (double Scale, double Bias) expectedDerivatives = default;
        foreach (int threads in (int[])[1, 2, 3])
        {
            T[] xGradient = new T[x.Length], yGradient = new T[y.Length];
            SigLipOptions options = new() { MaxDegreeOfParallelism = threads };
            T loss = SigLip.LossAndGradient<T>(x, y, 7, 10, -10, xGradient, yGradient, out double scaleGradient, out double biasGradient, options);
            T[] all = [loss, .. xGradient, .. yGradient];
            Bits.AssertSame<T>(expected ??= all, all, $"{threads} threads");
            expectedDerivatives = threads == 1 ? (scaleGradient, biasGradient) : expectedDerivatives;
            Assert.Equal(expectedDerivatives, (scaleGradient, biasGradient));
        }
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = ContrastiveInputs.Rows<T>(2, 3, seed: 8), y = ContrastiveInputs.Rows<T>(2, 3, seed: 9), z = new T[24];
        T[] before = [.. x, .. y];
        Refused.Assert("features", "-1", "1", () => SigLip.Loss<T>(x, y, -1, 1, 0));
        Refused.Assert("images", "5", "3", () => SigLip.Loss<T>(x.AsSpan(1), y, 3, 1, 0));
        Refused.Assert("texts", "3", "6", () => SigLip.Loss<T>(x, y.AsSpan(3), 3, 1, 0));
        Refused.Assert("scale", "0", "above 0", () => SigLip.Loss<T>(x, y, 3, 0, 0));
        Refused.Assert("imagesGradient", "5", "6", () => SigLip.LossAndGradient<T>(x, y, 3, 1, 0, z.AsSpan(0, 5), default, out _, out _));
        Refused.Assert("textsGradient", "overlaps", "imagesGradient", () => SigLip.LossAndGradient<T>(x, y, 3, 1, 0, z.AsSpan(0, 6), z.AsSpan(3, 6), out _, out _));
        Refused.Assert("losses", "overlaps", "texts", () => SigLip.LossPerRow<T>(x, y, 3, 1, 0, y));
        Refused.Assert("options", "Negatives has 3", "4", () => SigLip.Loss<T>(x, y, 3, 1, 0, new() { Negatives = new bool[3] }));
        Assert.All(z, value => Assert.Equal(T.Zero, value));
        Bits.AssertSame<T>(before, [.. x, .. y], "arguments");
        Assert.True(T.IsNaN(SigLip.Loss<T>([], [], 3, 1, 0)));
    }
}

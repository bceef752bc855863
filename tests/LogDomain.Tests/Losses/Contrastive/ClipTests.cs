using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses.Contrastive;

public sealed class SingleClipTests : ClipTests<float>;

public sealed class HalfClipTests : ClipTests<Half>;

public sealed class BFloat16ClipTests : ClipTests<BFloat16>;

/// <summary>The loss of CLIP against the plain computation in double, within the error of the accumulation.</summary>
public abstract class ClipTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [InlineData(1, 1, 100.0, true, false)]
    [InlineData(3, 17, 14.3, true, false)]
    [InlineData(25, 9, 0.3, false, true)]
    [InlineData(255, 123, 14.3, true, true)]
    [InlineData(64, 512, 100.0, true, false)]
    [InlineData(400, 6, 1000.0, true, true)]
    [InlineData(1100, 5, 20.0, true, false)]
    public void Losses_and_gradients_are_within_their_limits(int pairs, int features, double scale, bool normalize, bool hasMask)
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(pairs, features, seed: pairs, noise: 0.5);
        bool[] mask = hasMask ? ContrastiveInputs.Mask(pairs, pairs, seed: 3) : [];
        ClipOptions options = new() { Normalize = normalize, Negatives = mask };
        PairReference reference = new(ContrastiveInputs.Doubles(x), ContrastiveInputs.Doubles(y), features, scale, 0, normalize);
        T[] ofImages = ContrastiveInputs.Poison<T>(pairs + 1), ofTexts = ContrastiveInputs.Poison<T>(pairs + 1);
        Clip.LossPerRow<T>(x, y, features, scale, ofImages, ofTexts, options);
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < pairs; i++)
        {
            (double Loss, double Tolerance) image = reference.SoftMax(i, false, j => j == i, j => !hasMask || mask[(i * pairs) + j], 0.5 / pairs);
            (double Loss, double Tolerance) text = reference.SoftMax(i, true, j => j == i, j => !hasMask || mask[(j * pairs) + i], 0.5 / pairs);
            PairReference.AssertNear(image, ofImages[i], $"image {i}");
            PairReference.AssertNear(text, ofTexts[i], $"text {i}");
            (sum, tolerance) = (sum + image.Loss + text.Loss, tolerance + image.Tolerance + text.Tolerance);
        }

        Assert.True(T.IsNaN(ofImages[pairs]) && T.IsNaN(ofTexts[pairs]));
        T[] xGradient = ContrastiveInputs.Poison<T>(x.Length), yGradient = ContrastiveInputs.Poison<T>(y.Length);
        T loss = Clip.LossAndGradient<T>(x, y, features, scale, xGradient, yGradient, out double scaleGradient, options);
        PairReference.AssertNear((sum / (2 * pairs), tolerance / (2 * pairs)), loss, "mean");
        PairReference.AssertNear<T>(reference.QueriesGradient(), xGradient, "gradient of images");
        PairReference.AssertNear<T>(reference.KeysGradient(), yGradient, "gradient of texts");
        PairReference.AssertNear(reference.ScaleGradient(), scaleGradient, "gradient of scale");
        Bits.AssertSame([loss], [Clip.Loss<T>(x, y, features, scale, options)], "loss alone");
    }

    [Fact]
    public void The_gradient_of_the_scale_is_the_same_without_other_gradients()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(60, 9, seed: 4);
        T[] xGradient = new T[x.Length], yGradient = new T[y.Length], xAlone = new T[x.Length], yAlone = new T[y.Length];
        ClipOptions options = new() { Reduction = Reduction.Sum };
        T loss = Clip.LossAndGradient<T>(x, y, 9, 10, xGradient, yGradient, out double all, options);
        Clip.LossAndGradient<T>(x, y, 9, 10, default, default, out double alone, options);
        Clip.LossAndGradient<T>(x, y, 9, 10, xAlone, default, out _, options);
        Clip.LossAndGradient<T>(x, y, 9, 10, default, yAlone, out _, options);
        Assert.Equal(all, alone);
        Bits.AssertSame<T>(xGradient, xAlone, "images");
        Bits.AssertSame<T>(yGradient, yAlone, "texts");
        Assert.Equal(60, double.CreateTruncating(loss) / double.CreateTruncating(Clip.Loss<T>(x, y, 9, 10)), 0.5);
    }

    [Fact]
    public void Identical_embeddings_have_the_loss_of_a_guess_and_no_gradient()
    {
        T[] x = [.. Enumerable.Repeat(T.One, 40 * 4)], gradient = ContrastiveInputs.Poison<T>(x.Length), other = ContrastiveInputs.Poison<T>(x.Length);
        T loss = Clip.LossAndGradient<T>(x, x, 4, 100, gradient, other, out double scaleGradient);
        Near.Assert(T.CreateTruncating(Math.Log(40)), loss, 1, "loss");
        Assert.All([.. gradient, .. other], value => Assert.True(double.CreateTruncating(T.Abs(value)) < 1e-5, $"{value}"));
        Assert.True(Math.Abs(scaleGradient) < 1e-6);
    }

    [Fact]
    public void A_row_of_zeros_has_no_direction_and_no_gradient()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(20, 3, seed: 5);
        x.AsSpan(9, 3).Clear();
        T[] xGradient = ContrastiveInputs.Poison<T>(x.Length), yGradient = ContrastiveInputs.Poison<T>(y.Length);
        Assert.True(T.IsFinite(Clip.LossAndGradient<T>(x, y, 3, 100, xGradient, yGradient, out _)));
        Assert.Equal([T.Zero, T.Zero, T.Zero], xGradient[9..12]);
        Assert.All([.. xGradient, .. yGradient], value => Assert.True(T.IsFinite(value)));
    }

    [Fact]
    public void An_image_that_is_not_a_number_spoils_its_own_loss_and_that_of_all_texts()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(50, 6, seed: 6);
        T[] ofImages = new T[50], ofTexts = new T[50], clean = new T[50];
        Clip.LossPerRow<T>(x, y, 6, 10, clean, ofTexts);
        x[(49 * 6) + 2] = T.NaN;
        Clip.LossPerRow<T>(x, y, 6, 10, ofImages, ofTexts);
        Assert.True(T.IsNaN(ofImages[49]));
        Bits.AssertSame<T>(clean.AsSpan(0, 49), ofImages.AsSpan(0, 49), "other images");
        Assert.All(ofTexts, loss => Assert.True(T.IsNaN(loss)));
    }

    [Fact]
    public void Bits_do_not_depend_on_threads()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(1100, 7, seed: 7);
        T[]? expected = null;
        double expectedScale = 0;
        foreach (int threads in (int[])[1, 2, 3])
        {
            T[] xGradient = new T[x.Length], yGradient = new T[y.Length], ofImages = new T[1100], ofTexts = new T[1100];
            ClipOptions options = new() { MaxDegreeOfParallelism = threads };
            T loss = Clip.LossAndGradient<T>(x, y, 7, 30, xGradient, yGradient, out double scaleGradient, options);
            Clip.LossPerRow<T>(x, y, 7, 30, ofImages, ofTexts, options);
            T[] all = [loss, .. xGradient, .. yGradient, .. ofImages, .. ofTexts];
            Bits.AssertSame<T>(expected ??= all, all, $"{threads} threads");
            expectedScale = threads == 1 ? scaleGradient : expectedScale;
            Assert.Equal(expectedScale, scaleGradient);
        }
    }

    [Fact]
    public void Without_pairs_the_mean_is_NaN()
    {
        Assert.True(T.IsNaN(Clip.LossAndGradient<T>([], [], 2, 1, default, default, out double scaleGradient)));
        Assert.Equal(0, scaleGradient);
        Assert.Equal(T.Zero, Clip.Loss<T>([], [], 2, 1, new() { Reduction = Reduction.Sum }));
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = ContrastiveInputs.Rows<T>(2, 3, seed: 8), y = ContrastiveInputs.Rows<T>(2, 3, seed: 9), z = new T[24];
        T[] before = [.. x, .. y];
        Refused.Assert("features", "0", "1", () => Clip.Loss<T>(x, y, 0, 1));
        Refused.Assert("images", "5", "3", () => Clip.Loss<T>(x.AsSpan(1), y, 3, 1));
        Refused.Assert("texts", "3", "6", () => Clip.Loss<T>(x, y.AsSpan(3), 3, 1));
        foreach (double scale in (double[])[0, -1, double.NaN, 1e39, 1e-60])
            Refused.Assert("scale", "scale", "above 0", () => Clip.Loss<T>(x, y, 3, scale));
        Refused.Assert("imagesGradient", "5", "6", () => Clip.LossAndGradient<T>(x, y, 3, 1, z.AsSpan(0, 5), default, out _));
        Refused.Assert("textsGradient", "5", "6", () => Clip.LossAndGradient<T>(x, y, 3, 1, default, z.AsSpan(0, 5), out _));
        Refused.Assert("textsGradient", "overlaps", "imagesGradient", () => Clip.LossAndGradient<T>(x, y, 3, 1, z.AsSpan(0, 6), z.AsSpan(3, 6), out _));
        Refused.Assert("imagesGradient", "overlaps", "texts", () => Clip.LossAndGradient<T>(x, y, 3, 1, y, default, out _));
        Refused.Assert("imageLosses", "1", "2", () => Clip.LossPerRow<T>(x, y, 3, 1, z.AsSpan(0, 1), z.AsSpan(4)));
        Refused.Assert("textLosses", "overlaps", "imageLosses", () => Clip.LossPerRow<T>(x, y, 3, 1, z.AsSpan(0, 2), z.AsSpan(1)));
        Refused.Assert("options", "Negatives has 3", "4", () => Clip.Loss<T>(x, y, 3, 1, new() { Negatives = new bool[3] }));
        Assert.All(z, value => Assert.Equal(T.Zero, value));
        Bits.AssertSame<T>(before, [.. x, .. y], "arguments");
    }
}

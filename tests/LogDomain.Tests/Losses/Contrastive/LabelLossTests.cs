using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses.Contrastive;

public sealed class SingleLabelLossTests : LabelLossTests<float>;

public sealed class HalfLabelLossTests : LabelLossTests<Half>;

public sealed class BFloat16LabelLossTests : LabelLossTests<BFloat16>;

/// <summary>NT-Xent and the supervised contrastive loss against the plain computation in double, within the error of the accumulation.</summary>
public abstract class LabelLossTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [InlineData(1, 1, 0.1, true)]
    [InlineData(3, 17, 0.5, true)]
    [InlineData(30, 9, 4.0, false)]
    [InlineData(130, 123, 0.1, true)]
    [InlineData(64, 512, 0.001, true)]
    [InlineData(550, 6, 0.05, true)]
    public void NtXent_is_within_its_limits(int images, int features, double temperature, bool normalize)
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(images, features, seed: images, noise: 0.5);
        T[] both = [.. x, .. y];
        NtXentOptions options = new() { Temperature = temperature, Normalize = normalize };
        PairReference reference = new(ContrastiveInputs.Doubles(both), ContrastiveInputs.Doubles(both), features, 1 / temperature, 0, normalize);
        T[] losses = ContrastiveInputs.Poison<T>((2 * images) + 1), xGradient = ContrastiveInputs.Poison<T>(x.Length), yGradient = ContrastiveInputs.Poison<T>(y.Length);
        NtXent.LossPerRow<T>(x, y, features, losses, options);
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < 2 * images; i++)
        {
            (double Loss, double Tolerance) row = reference.SoftMax(i, false, j => j == (i + images) % (2 * images), j => j != i, 0.5 / images);
            PairReference.AssertNear(row, losses[i], $"row {i}");
            (sum, tolerance) = (sum + row.Loss, tolerance + row.Tolerance);
        }

        Assert.True(T.IsNaN(losses[2 * images]));
        T loss = NtXent.LossAndGradient<T>(x, y, features, xGradient, yGradient, options);
        PairReference.AssertNear((sum / (2 * images), tolerance / (2 * images)), loss, "mean");
        PairReference.AssertNear<T>(reference.SharedGradient(), (T[])[.. xGradient, .. yGradient], "gradient");
        Bits.AssertSame([loss], [NtXent.Loss<T>(x, y, features, options)], "loss alone");

        T[] alone = ContrastiveInputs.Poison<T>(y.Length);
        NtXent.LossAndGradient<T>(x, y, features, default, alone, options);
        Bits.AssertSame<T>(yGradient, alone, "second gradient alone");
    }

    [Theory]
    [InlineData(1, 1, 1, 0.1, true)]
    [InlineData(2, 3, 1, 0.1, true)]
    [InlineData(40, 17, 2, 0.5, true)]
    [InlineData(40, 17, 40, 2.0, false)]
    [InlineData(255, 123, 10, 0.1, true)]
    [InlineData(64, 512, 20, 0.005, true)]
    [InlineData(400, 6, 1, 0.001, true)]
    [InlineData(1100, 5, 300, 0.07, true)]
    public void Supervised_is_within_its_limits(int rows, int features, int classes, double temperature, bool normalize)
    {
        T[] x = ContrastiveInputs.Rows<T>(rows, features, seed: rows);
        int[] labels = ContrastiveInputs.Labels(rows, classes, seed: 1);
        int counted = labels.Count(label => labels.Count(other => other == label) > 1);
        SupervisedContrastiveOptions options = new() { Temperature = temperature, Normalize = normalize };
        PairReference reference = new(ContrastiveInputs.Doubles(x), ContrastiveInputs.Doubles(x), features, 1 / temperature, 0, normalize);
        T[] losses = ContrastiveInputs.Poison<T>(rows + 1), gradient = ContrastiveInputs.Poison<T>(x.Length);
        SupervisedContrastive.LossPerRow<T>(x, labels, features, losses, options);
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < rows; i++)
        {
            (double Loss, double Tolerance) row = reference.SoftMax(i, false, j => j != i && labels[j] == labels[i], j => j != i, 1.0 / Math.Max(1, counted));
            PairReference.AssertNear(row, losses[i], $"row {i}");
            (sum, tolerance) = (sum + row.Loss, tolerance + row.Tolerance);
        }

        Assert.True(T.IsNaN(losses[rows]));
        T loss = SupervisedContrastive.LossAndGradient<T>(x, labels, features, gradient, options);
        if (counted == 0)
            Assert.True(T.IsNaN(loss));
        else
            PairReference.AssertNear((sum / counted, tolerance / counted), loss, "mean");

        PairReference.AssertNear<T>(reference.SharedGradient(), gradient, "gradient");
        Bits.AssertSame([loss], [SupervisedContrastive.Loss<T>(x, labels, features, options)], "loss alone");
    }

    [Theory]
    [InlineData(3, 5, 1, 0.5)]
    [InlineData(70, 17, 9, 0.1)]
    [InlineData(300, 6, 40, 0.02)]
    public void What_is_no_negative_is_not_in_the_denominator(int images, int features, int classes, double temperature)
    {
        int rows = 2 * images;
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(images, features, seed: images, noise: 0.5);
        T[] both = [.. x, .. y], gradient = ContrastiveInputs.Poison<T>(both.Length), xGradient = ContrastiveInputs.Poison<T>(x.Length), yGradient = ContrastiveInputs.Poison<T>(y.Length);
        bool[] negatives = ContrastiveInputs.Mask(rows, rows, seed: 3);
        int[] labels = ContrastiveInputs.Labels(rows, classes, seed: 1);
        Check(true, NtXent.LossAndGradient<T>(x, y, features, xGradient, yGradient, new() { Temperature = temperature, Negatives = negatives }), [.. xGradient, .. yGradient]);
        Check(false, SupervisedContrastive.LossAndGradient<T>(both, labels, features, gradient, new() { Temperature = temperature, Negatives = negatives }), gradient);

        // All that count is no mask, bit for bit.
        T[] without = ContrastiveInputs.Poison<T>(both.Length);
        T loss = SupervisedContrastive.LossAndGradient<T>(both, labels, features, gradient, new() { Temperature = temperature, Negatives = Enumerable.Repeat(true, rows * rows).ToArray() });
        Bits.AssertSame([loss], [SupervisedContrastive.LossAndGradient<T>(both, labels, features, without, new() { Temperature = temperature })], "loss");
        Bits.AssertSame<T>(gradient, without, "gradient");

        void Check(bool views, T mean, T[] actual)
        {
            bool IsPositive(int i, int j) => j != i && (views ? j % images == i % images : labels[j] == labels[i]);
            int counted = Enumerable.Range(0, rows).Count(i => Enumerable.Range(0, rows).Any(j => IsPositive(i, j)));
            PairReference reference = new(ContrastiveInputs.Doubles(both), ContrastiveInputs.Doubles(both), features, 1 / temperature, 0, normalize: true);
            (double sum, double tolerance) = (0, 0);
            for (int i = 0; i < rows; i++)
            {
                (double Loss, double Tolerance) row = reference.SoftMax(i, false, j => IsPositive(i, j), j => j != i && (negatives[(i * rows) + j] || IsPositive(i, j)), 1.0 / counted);
                (sum, tolerance) = (sum + row.Loss, tolerance + row.Tolerance);
            }

            PairReference.AssertNear((sum / counted, tolerance / counted), mean, $"mean, views {views}");
            PairReference.AssertNear<T>(reference.SharedGradient(), actual, $"gradient, views {views}");
        }
    }

    [Fact]
    public void Near_orthogonal_embeddings_at_temperature_0_005_have_finite_losses()
    {
        // Each row is 1 with itself and 0 with all others: taken relative to 1 / 0.005, e^-200 of the others would be 0 in float, and the loss infinite.
        T[] x = new T[16], losses = new T[4], gradient = new T[16];
        for (int i = 0; i < 4; i++)
            x[i * 5] = T.One;

        SupervisedContrastiveOptions options = new() { Temperature = 0.005 };
        SupervisedContrastive.LossPerRow<T>(x, [5, 5, 6, 6], 4, losses, options);
        Assert.All(losses, loss => Near.Assert(T.CreateTruncating(Math.Log(3)), loss, 1, "loss"));
        SupervisedContrastive.LossAndGradient<T>(x, [5, 5, 6, 6], 4, gradient, options);
        Assert.All(gradient, value => Assert.True(T.IsFinite(value)));
        NtXent.LossPerRow<T>(x.AsSpan(0, 8), x.AsSpan(8), 4, losses, new() { Temperature = 0.005 });
        Assert.All(losses, loss => Near.Assert(T.CreateTruncating(Math.Log(3)), loss, 1, "NT-Xent"));
    }

    [Fact]
    public void Rows_without_positives_are_not_in_the_mean_but_are_negatives_of_others()
    {
        T[] x = ContrastiveInputs.Rows<T>(5, 3, seed: 2), losses = new T[5], gradient = new T[15];
        int[] labels = [1, 2, 1, 3, 1];
        SupervisedContrastive.LossPerRow<T>(x, labels, 3, losses);
        Assert.Equal([T.Zero, T.Zero], [losses[1], losses[3]]);
        double mean = (double.CreateTruncating(losses[0]) + double.CreateTruncating(losses[2]) + double.CreateTruncating(losses[4])) / 3;
        T loss = SupervisedContrastive.LossAndGradient<T>(x, labels, 3, gradient);
        Assert.Equal(1, double.CreateTruncating(loss) / mean, 0.01);
        Assert.All(gradient[3..6], value => Assert.NotEqual(T.Zero, value));
    }

    [Fact]
    public void An_embedding_that_is_not_a_number_spoils_all_that_see_it()
    {
        (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(20, 3, seed: 3);
        y[4] = T.NaN;
        T[] losses = new T[40];
        NtXent.LossPerRow<T>(x, y, 3, losses);
        Assert.All(losses, loss => Assert.True(T.IsNaN(loss)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public void Bits_do_not_depend_on_threads(int classes)
    {
        T[] x = ContrastiveInputs.Rows<T>(1100, 7, seed: 7);
        int[] labels = ContrastiveInputs.Labels(1100, classes, seed: 8);
        T[]? expected = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            T[] gradient = new T[x.Length], first = new T[x.Length / 2], second = new T[x.Length / 2], losses = new T[1100];
            T loss = SupervisedContrastive.LossAndGradient<T>(x, labels, 7, gradient, new() { MaxDegreeOfParallelism = threads });
            SupervisedContrastive.LossPerRow<T>(x, labels, 7, losses, new() { MaxDegreeOfParallelism = threads });
            T other = NtXent.LossAndGradient<T>(x.AsSpan(0, 3850), x.AsSpan(3850), 7, first, second, new() { MaxDegreeOfParallelism = threads });
            T[] all = [loss, .. gradient, .. losses, other, .. first, .. second];
            Bits.AssertSame<T>(expected ??= all, all, $"{threads} threads");
        }
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = ContrastiveInputs.Rows<T>(2, 3, seed: 8), y = ContrastiveInputs.Rows<T>(2, 3, seed: 9), z = new T[24];
        T[] before = [.. x, .. y];
        Refused.Assert("features", "0", "1", () => NtXent.Loss<T>(x, y, 0));
        Refused.Assert("first", "5", "3", () => NtXent.Loss<T>(x.AsSpan(1), y, 3));
        Refused.Assert("second", "3", "6", () => NtXent.Loss<T>(x, y.AsSpan(3), 3));
        Refused.Assert("firstGradient", "5", "6", () => NtXent.LossAndGradient<T>(x, y, 3, z.AsSpan(0, 5), default));
        Refused.Assert("secondGradient", "overlaps", "firstGradient", () => NtXent.LossAndGradient<T>(x, y, 3, z.AsSpan(0, 6), z.AsSpan(3, 6)));
        Refused.Assert("losses", "3", "4", () => NtXent.LossPerRow<T>(x, y, 3, z.AsSpan(0, 3)));
        Refused.Assert("losses", "overlaps", "second", () => NtXent.LossPerRow<T>(x, y, 3, y));
        Refused.Assert("options", "Temperature", "above 0", () => NtXent.Loss<T>(x, y, 3, new() { Temperature = 0 }));
        Refused.Assert("options", "Negatives has 4", "16", () => NtXent.Loss<T>(x, y, 3, new() { Negatives = new bool[4] }));
        Refused.Assert("options", "Negatives has 3", "4", () => SupervisedContrastive.Loss<T>(x, [1, 1], 3, new() { Negatives = new bool[3] }));
        Refused.Assert("embeddings", "5", "3", () => SupervisedContrastive.Loss<T>(x.AsSpan(1), [1, 1], 3));
        Refused.Assert("labels", "1", "2", () => SupervisedContrastive.Loss<T>(x, [1], 3));
        Refused.Assert("gradient", "5", "6", () => SupervisedContrastive.LossAndGradient<T>(x, [1, 1], 3, z.AsSpan(0, 5)));
        Refused.Assert("gradient", "overlaps", "embeddings", () => SupervisedContrastive.LossAndGradient<T>(x, [1, 1], 3, x));
        Refused.Assert("losses", "1", "2", () => SupervisedContrastive.LossPerRow<T>(x, [1, 1], 3, z.AsSpan(0, 1)));
        Refused.Assert("options", "Temperature", "above 0", () => SupervisedContrastive.Loss<T>(x, [1, 1], 3, new() { Temperature = -1 }));
        Assert.All(z, value => Assert.Equal(T.Zero, value));
        Bits.AssertSame<T>(before, [.. x, .. y], "arguments");
        Assert.True(T.IsNaN(NtXent.Loss<T>([], [], 3)));
        Assert.True(T.IsNaN(SupervisedContrastive.Loss<T>([], [], 3)));
    }
}

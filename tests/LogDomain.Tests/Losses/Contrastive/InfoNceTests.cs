using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses.Contrastive;

public sealed class SingleInfoNceTests : InfoNceTests<float>;

public sealed class HalfInfoNceTests : InfoNceTests<Half>;

public sealed class BFloat16InfoNceTests : InfoNceTests<BFloat16>;

/// <summary>InfoNCE against the plain computation in double, within the error of the accumulation.</summary>
public abstract class InfoNceTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [InlineData(1, 1, 1, 1.0, false, false)]
    [InlineData(3, 700, 17, 1.0, false, true)]
    [InlineData(255, 507, 123, 0.5, true, false)]
    [InlineData(64, 64, 512, 0.07, true, true)]
    [InlineData(400, 20, 5, 0.001, true, true)]
    [InlineData(2, 3000, 8, 0.01, true, false)]
    public void Losses_and_gradients_are_within_their_limits(int queries, int keys, int features, double temperature, bool normalize, bool hasMask)
    {
        double size = normalize ? 1 : 1 / Math.Sqrt(features);
        T[] k = ContrastiveInputs.Rows<T>(keys, features, seed: 1, size), noise = ContrastiveInputs.Rows<T>(queries, features, seed: 2, size / 4);
        int[] positives = [.. Enumerable.Range(0, queries).Select(i => (i * 13) % keys)];
        T[] q = [.. noise.Select((x, i) => x + k[(positives[i / features] * features) + (i % features)])];
        bool[] mask = hasMask ? ContrastiveInputs.Mask(queries, keys, seed: 3) : [];
        InfoNceOptions options = new() { Temperature = temperature, Normalize = normalize, Negatives = mask };

        PairReference reference = new(ContrastiveInputs.Doubles(q), ContrastiveInputs.Doubles(k), features, 1 / temperature, 0, normalize);
        T[] losses = ContrastiveInputs.Poison<T>(queries + 1), qGradient = ContrastiveInputs.Poison<T>(q.Length), kGradient = ContrastiveInputs.Poison<T>(k.Length);
        InfoNce.LossPerRow<T>(q, k, positives, features, losses, options);
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < queries; i++)
        {
            (double Loss, double Tolerance) row = reference.SoftMax(i, false, j => j == positives[i], j => !hasMask || mask[(i * keys) + j], 1.0 / queries);
            PairReference.AssertNear(row, losses[i], $"loss {i}");
            (sum, tolerance) = (sum + row.Loss, tolerance + row.Tolerance);
        }

        Assert.True(T.IsNaN(losses[queries]));
        T loss = InfoNce.LossAndGradient<T>(q, k, positives, features, qGradient, kGradient, options);
        PairReference.AssertNear((sum / queries, tolerance / queries), loss, "mean");
        PairReference.AssertNear<T>(reference.QueriesGradient(), qGradient, "gradient of queries");
        PairReference.AssertNear<T>(reference.KeysGradient(), kGradient, "gradient of keys");
        Bits.AssertSame([loss], [InfoNce.Loss<T>(q, k, positives, features, options)], "loss alone");
    }

    [Fact]
    public void A_gradient_that_is_not_wanted_changes_no_bit_of_the_other_and_the_sum_is_that_of_rows()
    {
        (T[] q, T[] k) = ContrastiveInputs.Pairs<T>(50, 9, seed: 4);
        int[] positives = [.. Enumerable.Range(0, 50)];
        T[] qBoth = new T[q.Length], kBoth = new T[k.Length], qAlone = new T[q.Length], kAlone = new T[k.Length], losses = new T[50];
        InfoNceOptions options = new() { Reduction = Reduction.Sum, Temperature = 10 };
        T loss = InfoNce.LossAndGradient<T>(q, k, positives, 9, qBoth, kBoth, options);
        InfoNce.LossAndGradient<T>(q, k, positives, 9, qAlone, default, options);
        InfoNce.LossAndGradient<T>(q, k, positives, 9, default, kAlone, options);
        Bits.AssertSame<T>(qBoth, qAlone, "queries");
        Bits.AssertSame<T>(kBoth, kAlone, "keys");
        InfoNce.LossPerRow<T>(q, k, positives, 9, losses, options);
        double sum = losses.Sum(double.CreateTruncating);
        Assert.Equal(sum, double.CreateTruncating(loss), sum * double.CreateTruncating(T.BitIncrement(T.One) - T.One));
    }

    [Fact]
    public void A_confident_row_keeps_its_small_loss_and_its_small_gradient()
    {
        // Cosines 1 and 0, at temperature 0.025: e^-40 is below the rounding of log-sum-exp by far.
        T one = T.One, zero = T.Zero;
        T[] q = [one, zero], k = [one, zero, zero, one], gradient = new T[2];
        T loss = InfoNce.LossAndGradient<T>(q, k, [0], 2, gradient, default, new() { Temperature = 0.025 });
        if (typeof(T) == typeof(Half))
        {
            Assert.Equal(T.Zero, loss);   // 4e-18 is below half of its smallest number.
            return;
        }

        Assert.Equal(1, double.CreateTruncating(loss) / Math.Exp(-40), 0.005);
        Assert.Equal(-40, double.CreateTruncating(gradient[0]) / Math.Exp(-40), 0.2);
        Assert.Equal(40, double.CreateTruncating(gradient[1]) / Math.Exp(-40), 0.2);
    }

    [Fact]
    public void Excluded_keys_play_no_part_even_if_they_win_or_are_not_numbers()
    {
        T[] q = [T.One], k = [T.One, T.CreateTruncating(1000), T.NaN, T.Zero], losses = new T[1], few = new T[1], gradient = new T[1];
        InfoNceOptions options = new() { Temperature = 0.5, Negatives = new[] { false, false, false, true } };
        InfoNce.LossPerRow<T>(q, k, [0], 1, losses, options);
        InfoNce.LossPerRow<T>(q, [k[0], k[3]], [0], 1, few, new() { Temperature = 0.5 });
        Bits.AssertSame<T>(few, losses, "loss");

        T[] keys = new T[4];
        InfoNce.LossAndGradient<T>(q, [k[0], k[1], k[1], k[3]], [0], 1, gradient, keys, options);
        Assert.Equal([T.Zero, T.Zero], keys[1..3]);
        Assert.True(keys[0] < T.Zero && keys[3] > T.Zero && gradient[0] < T.Zero);
    }

    [Fact]
    public void A_query_that_is_not_a_number_spoils_its_own_loss_alone()
    {
        (T[] q, T[] k) = ContrastiveInputs.Pairs<T>(30, 6, seed: 5);
        T[] losses = new T[30], clean = new T[30];
        int[] positives = [.. Enumerable.Range(0, 30)];
        InfoNce.LossPerRow<T>(q, k, positives, 6, clean);
        q[(7 * 6) + 2] = T.NaN;
        InfoNce.LossPerRow<T>(q, k, positives, 6, losses);
        Assert.True(T.IsNaN(losses[7]));
        losses[7] = clean[7];
        Bits.AssertSame<T>(clean, losses, "others");
        Assert.True(T.IsNaN(InfoNce.Loss<T>(q, k, positives, 6)));
        k[3] = T.NaN;
        InfoNce.LossPerRow<T>(q, k, positives, 6, losses);
        Assert.All(losses, loss => Assert.True(T.IsNaN(loss)));
    }

    [Fact]
    public void Bits_do_not_depend_on_threads()
    {
        (T[] q, T[] k) = ContrastiveInputs.Pairs<T>(1100, 7, seed: 6);
        int[] positives = [.. Enumerable.Range(0, 1100)];
        T[]? expected = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            T[] qGradient = new T[q.Length], kGradient = new T[k.Length];
            InfoNceOptions options = new() { Normalize = true, Temperature = 0.05, MaxDegreeOfParallelism = threads };
            T loss = InfoNce.LossAndGradient<T>(q, k, positives, 7, qGradient, kGradient, options);
            T[] all = [loss, .. qGradient, .. kGradient];
            Bits.AssertSame<T>(expected ??= all, all, $"{threads} threads");
        }
    }

    [Fact]
    public void Without_queries_the_mean_is_NaN_and_keys_have_a_gradient_of_0()
    {
        T[] k = ContrastiveInputs.Rows<T>(3, 2, seed: 7), gradient = ContrastiveInputs.Poison<T>(6);
        Assert.True(T.IsNaN(InfoNce.LossAndGradient<T>([], k, [], 2, default, gradient)));
        Assert.All(gradient, value => Assert.Equal(T.Zero, value));
        Assert.Equal(T.Zero, InfoNce.Loss<T>([], k, [], 2, new() { Reduction = Reduction.Sum }));
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] q = ContrastiveInputs.Rows<T>(2, 3, seed: 8), k = ContrastiveInputs.Rows<T>(4, 3, seed: 9), y = new T[12], z = new T[24];
        T[] qBefore = [.. q], kBefore = [.. k];
        int[] positives = [0, 3];
        Refused.Assert("features", "0", "1", () => InfoNce.Loss<T>(q, k, positives, 0));
        Refused.Assert("queries", "5", "3", () => InfoNce.Loss<T>(q.AsSpan(1), k, positives, 3));
        Refused.Assert("keys", "11", "3", () => InfoNce.Loss<T>(q, k.AsSpan(1), positives, 3));
        Refused.Assert("positives", "1", "2", () => InfoNce.Loss<T>(q, k, [0], 3));
        Refused.Assert("positives", "positives[1] is 4", "4 keys", () => InfoNce.Loss<T>(q, k, [0, 4], 3));
        Refused.Assert("queriesGradient", "5", "6", () => InfoNce.LossAndGradient<T>(q, k, positives, 3, y.AsSpan(0, 5), default));
        Refused.Assert("keysGradient", "11", "12", () => InfoNce.LossAndGradient<T>(q, k, positives, 3, y.AsSpan(0, 6), z.AsSpan(0, 11)));
        Refused.Assert("queriesGradient", "overlaps", "keys", () => InfoNce.LossAndGradient<T>(q, k, positives, 3, k.AsSpan(0, 6), default));
        Refused.Assert("keysGradient", "overlaps", "queriesGradient", () => InfoNce.LossAndGradient<T>(q, k, positives, 3, z.AsSpan(0, 6), z.AsSpan(5, 12)));
        Refused.Assert("losses", "1", "2", () => InfoNce.LossPerRow<T>(q, k, positives, 3, y.AsSpan(0, 1)));
        Refused.Assert("losses", "overlaps", "queries", () => InfoNce.LossPerRow<T>(q, k, positives, 3, q));
        foreach (double temperature in (double[])[0, -1, double.NaN, 1e-300, double.PositiveInfinity])
            Refused.Assert("options", "Temperature", "above 0", () => InfoNce.Loss<T>(q, k, positives, 3, new() { Temperature = temperature }));
        Refused.Assert("options", "Negatives has 7", "8", () => InfoNce.Loss<T>(q, k, positives, 3, new() { Negatives = new bool[7] }));
        Refused.Assert("options", "Reduction", "Mean or Sum", () => InfoNce.Loss<T>(q, k, positives, 3, new() { Reduction = (Reduction)7 }));
        Refused.Assert("options", "MaxDegreeOfParallelism", "0", () => InfoNce.Loss<T>(q, k, positives, 3, new() { MaxDegreeOfParallelism = 0 }));
        Assert.Throws<NotSupportedException>(() => InfoNce.Loss<double>([1], [1], [0], 1));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
        Bits.AssertSame<T>([.. qBefore, .. kBefore], [.. q, .. k], "arguments");
    }
}

using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>Parts of the classes, merged, against all of them at once.</summary>
public class SoftMaxShardTests
{
    private const int Rows = 70, Classes = 900, Features = 11;

    private static readonly double[] Weights = [.. Enumerable.Range(0, Classes).Select(j => j % 7 == 3 ? 0 : 0.5 + (j % 5 * 0.25))];

    private static readonly Dictionary<string, LinearCrossEntropyOptions> AllOptions = new()
    {
        ["plain"] = LinearInputs<float>.Options(new() { IgnoreIndex = -1 }),
        ["transformed"] = LinearInputs<float>.Options(new() { IgnoreIndex = -1, ZLoss = 0.02, Softcap = 4, Temperature = 0.5 }),
        ["class weights"] = LinearInputs<float>.Options(new() { IgnoreIndex = -1, ClassWeights = Weights }),
        ["smoothing"] = LinearInputs<float>.Options(new() { IgnoreIndex = -1, LabelSmoothing = 0.1 }),
        ["everything"] = LinearInputs<float>.Options(new()
        {
            IgnoreIndex = -1,
            ClassWeights = Weights,
            LabelSmoothing = 0.2,
            LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses,
            ZLoss = 0.02,
            Softcap = 4,
            Temperature = 0.5,
        }),
    };

    public static TheoryData<string> Names => [.. AllOptions.Keys];

    private static LinearCrossEntropyOptions Options => AllOptions["transformed"];

    // Cuts off the boundaries of tiles, one part of a single class and one of none.
    private static readonly int[] Cuts = [0, 1, 1, 130, 517, Classes];

    [Theory]
    [MemberData(nameof(Names))]
    public void Merged_parts_in_any_order_give_the_loss_of_the_whole(string name)
    {
        LinearCrossEntropyOptions options = AllOptions[name];
        LinearInputs<float> x = Inputs();
        SoftMaxShard[][] parts = [.. Enumerable.Range(0, Cuts.Length - 1).Select(part => States(x, part, options))];
        double expected = LinearCrossEntropy.Loss<float>(x.Embeddings, x.Classifier, x.Targets, Features, options, x.Bias);
        foreach (int[] order in (int[][])[[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
        {
            SoftMaxShard[] merged = new SoftMaxShard[Rows];
            foreach (int part in order)
            {
                // Sent to another machine in between.
                byte[] bytes = new byte[SoftMaxShard.ByteCount];
                for (int row = 0; row < Rows; row++)
                {
                    parts[part][row].WriteTo(bytes);
                    Assert.Equal(parts[part][row], SoftMaxShard.Read(bytes));
                    merged[row] = SoftMaxShard.Merge(merged[row], SoftMaxShard.Read(bytes));
                }
            }

            Assert.Equal((float)expected, (float)LinearCrossEntropy.ShardLoss(merged, x.Targets, Classes, options), Math.ScaleB(expected, -24));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_the_parts_are_those_of_the_whole(string name)
    {
        LinearCrossEntropyOptions options = AllOptions[name];
        LinearInputs<float> x = Inputs();
        float[] embeddings = new float[Rows * Features], classifier = new float[Classes * Features], bias = new float[Classes];
        _ = LinearCrossEntropy.LossAndGradient<float>(x.Embeddings, x.Classifier, x.Targets, Features, embeddings, classifier, options, x.Bias, bias);
        SoftMaxShard[] merged = new SoftMaxShard[Rows];
        for (int part = 0; part < Cuts.Length - 1; part++)
        {
            SoftMaxShard[] states = States(x, part, options);
            merged = [.. merged.Zip(states, (a, b) => SoftMaxShard.Merge(a, b))];
        }

        double[] sums = new double[embeddings.Length];
        for (int part = 0; part < Cuts.Length - 1; part++)
        {
            (int first, int end) = (Cuts[part], Cuts[part + 1]);
            float[] rows = new float[embeddings.Length], own = new float[(end - first) * Features], ownBias = new float[end - first];
            LinearCrossEntropy.ShardGradient<float>(
                x.Embeddings, x.Classifier.AsSpan(first * Features, own.Length), x.Targets, Features, first, Classes, merged, rows, own, options, x.Bias.AsSpan(first, end - first), ownBias);
            for (int i = 0; i < sums.Length; i++)
                sums[i] += rows[i];

            for (int i = 0; i < own.Length; i++)
                Assert.Equal(classifier[(first * Features) + i], own[i], 1e-8);

            for (int i = 0; i < ownBias.Length; i++)
                Assert.Equal(bias[first + i], ownBias[i], 1e-8);
        }

        for (int i = 0; i < sums.Length; i++)
            Assert.Equal(embeddings[i], sums[i], 1e-7);
    }

    [Fact]
    public void Keys_in_parts_give_the_contrastive_loss_of_all_keys()
    {
        LinearInputs<float> x = Inputs();
        x.Targets[5] = x.Targets[50] = 3;
        LinearCrossEntropyOptions options = LinearInputs<float>.Options(new() { Temperature = 0.2 });
        float[] losses = new float[Rows];
        InfoNce.LossPerRow<float>(x.Embeddings, x.Classifier, x.Targets, Features, losses, new() { Temperature = 0.2 });
        SoftMaxShard[] merged = new SoftMaxShard[Rows], states = new SoftMaxShard[Rows];
        foreach (int part in (int[])[3, 0, 4, 2])
        {
            (int first, int end) = (Cuts[part], Cuts[part + 1]);
            LinearCrossEntropy.ShardStates<float>(x.Embeddings, x.Classifier.AsSpan(first * Features, (end - first) * Features), x.Targets, Features, first, Classes, states, options);
            merged = [.. merged.Zip(states, (a, b) => SoftMaxShard.Merge(a, b))];
        }

        for (int row = 0; row < Rows; row++)
            Assert.Equal(losses[row], (float)merged[row].Loss, Math.Abs(losses[row]) * 2e-7);
    }

    /// <summary>CLIP over machines that hold a part of the pairs each: the rows of one against the columns of all, and the other way, merged.</summary>
    [Fact]
    public void Pairs_in_parts_give_the_loss_and_the_gradients_of_clip()
    {
        const int Pairs = 61;
        const double Scale = 7;
        int[] cuts = [0, 20, 21, Pairs], positives = [.. Enumerable.Range(0, Pairs)];
        float[] images = Testing.Sample.Normal<float>(Pairs * Features, seed: 1), texts = Testing.Sample.Normal<float>(Pairs * Features, seed: 2);
        float[] imagesGradient = new float[images.Length], textsGradient = new float[texts.Length];
        double expected = Clip.LossAndGradient<float>(images, texts, Features, Scale, imagesGradient, textsGradient, out double scaleGradient, new() { Normalize = false });
        LinearCrossEntropyOptions options = LinearInputs<float>.Options(new() { Temperature = 1 / Scale });
        double loss = 0;
        double[] ofImages = new double[images.Length], ofTexts = new double[texts.Length];
        foreach ((float[] queries, float[] keys, double[] ofQueries, double[] ofKeys) in ((float[], float[], double[], double[])[])[(images, texts, ofImages, ofTexts), (texts, images, ofTexts, ofImages)])
        {
            SoftMaxShard[] merged = new SoftMaxShard[Pairs], states = new SoftMaxShard[Pairs];
            for (int part = 0; part < 3; part++)
            {
                LinearCrossEntropy.ShardStates<float>(queries, Part(keys, part), positives, Features, cuts[part], Pairs, states, options);
                merged = [.. merged.Zip(states, (a, b) => SoftMaxShard.Merge(a, b))];
            }

            loss += LinearCrossEntropy.ShardLoss(merged, positives, Pairs, options) / 2;
            for (int part = 0; part < 3; part++)
            {
                float[] all = new float[queries.Length], own = new float[Part(keys, part).Length];
                LinearCrossEntropy.ShardGradient<float>(queries, Part(keys, part), positives, Features, cuts[part], Pairs, merged, all, own, options);
                for (int i = 0; i < all.Length; i++)
                    ofQueries[i] += all[i] / 2.0;

                for (int i = 0; i < own.Length; i++)
                    ofKeys[(cuts[part] * Features) + i] += own[i] / 2.0;
            }
        }

        Assert.Equal(expected, loss, Math.Abs(expected) * 3e-7);
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal(imagesGradient[i], ofImages[i], 2e-6);
            Assert.Equal(textsGradient[i], ofTexts[i], 2e-6);
        }

        float[] Part(float[] rows, int part) => rows[(cuts[part] * Features)..(cuts[part + 1] * Features)];
    }

    [Fact]
    public void The_default_is_a_part_without_classes_and_changes_nothing()
    {
        SoftMaxShard state = States(Inputs(), 3)[0], empty = default;
        Assert.Equal(state, SoftMaxShard.Merge(state, empty));
        Assert.Equal(state, SoftMaxShard.Merge(empty, state));
        Assert.Equal(empty, SoftMaxShard.Merge(empty, empty));
        Assert.Equal(float.NegativeInfinity, empty.Max);
        Assert.Equal(double.NegativeInfinity, empty.LogSumExp);
        Assert.True(double.IsNaN(empty.Loss));
        Assert.True(state != empty);
    }

    [Fact]
    public void Bytes_that_are_no_state_are_refused()
    {
        byte[] bytes = new byte[SoftMaxShard.ByteCount];
        States(Inputs(), 3)[0].WriteTo(bytes);
        Refused.Assert("source", "31", "32", () => SoftMaxShard.Read(bytes.AsSpan(0, 31)));
        Refused.Assert("destination", "31", "32", () => default(SoftMaxShard).WriteTo(bytes.AsSpan(0, 31)));
        bytes[12] = 4;
        Refused.Assert("source", "Flags are 4", "0 to 3", () => SoftMaxShard.Read(bytes));
        bytes[12] = 1;
        bytes[23] |= 0x80;
        Refused.Assert("source", "Sum is -", "at least 0", () => SoftMaxShard.Read(bytes));
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        LinearInputs<float> x = Inputs();
        SoftMaxShard[] states = new SoftMaxShard[Rows], tooFew = new SoftMaxShard[Rows - 1];
        Refused.Assert("firstClass", "firstClass is -1", "at least 0", () => LinearCrossEntropy.ShardStates<float>(x.Embeddings, x.Classifier, x.Targets, Features, -1, Classes, states));
        Refused.Assert("classes", "classes is 900", "at least 901", () => LinearCrossEntropy.ShardStates<float>(x.Embeddings, x.Classifier, x.Targets, Features, 1, Classes, states));
        Refused.Assert("states", "69", "70", () => LinearCrossEntropy.ShardStates<float>(x.Embeddings, x.Classifier, x.Targets, Features, 0, Classes, tooFew, Options));
        Refused.Assert("states", "69", "70", () => LinearCrossEntropy.ShardLoss(tooFew, x.Targets, Classes, Options));
        Refused.Assert("options", "900 elements", "901 classes", () => LinearCrossEntropy.ShardLoss(states, x.Targets, Classes + 1, AllOptions["class weights"]));
        x.Targets[7] = Classes;
        Refused.Assert("targets", "targets[7] is 900", "900 classes", () => LinearCrossEntropy.ShardStates<float>(x.Embeddings, x.Classifier, x.Targets, Features, 0, Classes, states, Options));
    }

    private static LinearInputs<float> Inputs()
    {
        LinearInputs<float> x = new(Rows, Classes, Features, spread: 2);
        x.Targets[5] = x.Targets[50] = -1;
        return x;
    }

    private static SoftMaxShard[] States(LinearInputs<float> x, int part, LinearCrossEntropyOptions? options = null)
    {
        (int first, int end) = (Cuts[part], Cuts[part + 1]);
        SoftMaxShard[] states = new SoftMaxShard[Rows];
        LinearCrossEntropy.ShardStates<float>(
            x.Embeddings, x.Classifier.AsSpan(first * Features, (end - first) * Features), x.Targets, Features, first, Classes, states, options ?? Options, x.Bias.AsSpan(first, end - first));
        return states;
    }
}

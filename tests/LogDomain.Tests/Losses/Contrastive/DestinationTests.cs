using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses.Contrastive;

/// <summary>Destinations that are longer than what is written.</summary>
public class DestinationTests
{
    private const int Rows = 50, Features = 7, Tail = 3;

    private delegate void Gradients(Span<float> first, Span<float> second);

    public static TheoryData<string> Names => [.. Operations.Keys];

    private static Dictionary<string, (Gradients Gradients, Action<float[], float[]> Losses)> Operations
    {
        get
        {
            (float[] x, float[] y) = ContrastiveInputs.Pairs<float>(Rows, Features, seed: 20);
            int[] positives = [.. Enumerable.Range(0, Rows)], labels = ContrastiveInputs.Labels(Rows, 5, seed: 21);
            return new()
            {
                ["InfoNCE"] = ((a, b) => InfoNce.LossAndGradient<float>(x, y, positives, Features, a, b), (a, _) => InfoNce.LossPerRow<float>(x, y, positives, Features, a)),
                ["NT-Xent"] = ((a, b) => NtXent.LossAndGradient<float>(x, y, Features, a, b), (a, _) => NtXent.LossPerRow<float>(x[..(Rows / 2 * Features)], y[..(Rows / 2 * Features)], Features, a)),
                ["CLIP"] = ((a, b) => Clip.LossAndGradient<float>(x, y, Features, 10, a, b, out _), (a, b) => Clip.LossPerRow<float>(x, y, Features, 10, a, b)),
                ["SigLIP"] = ((a, b) => SigLip.LossAndGradient<float>(x, y, Features, 10, -10, a, b, out _, out _), (a, _) => SigLip.LossPerRow<float>(x, y, Features, 10, -10, a)),
                ["labels"] = ((a, _) => SupervisedContrastive.LossAndGradient<float>(x, labels, Features, a), (a, _) => SupervisedContrastive.LossPerRow<float>(x, labels, Features, a)),
            };
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_written_behind_the_results(string name)
    {
        (Gradients gradients, Action<float[], float[]> losses) = Operations[name];
        float[] first = new float[Rows * Features], second = new float[Rows * Features];
        float[] longFirst = ContrastiveInputs.Poison<float>(first.Length + Tail), longSecond = ContrastiveInputs.Poison<float>(second.Length + Tail);
        gradients(first, second);
        gradients(longFirst, longSecond);
        float[] rows = ContrastiveInputs.Poison<float>(Rows + Tail), others = ContrastiveInputs.Poison<float>(Rows + Tail);
        losses(rows, others);
        Bits.AssertSame<float>(first, longFirst.AsSpan(0, first.Length), "first");
        Assert.All(rows[..Rows], value => Assert.False(float.IsNaN(value)));
        if (name != "labels")
            Bits.AssertSame<float>(second, longSecond.AsSpan(0, second.Length), "second");

        Assert.All([.. longFirst[^Tail..], .. longSecond[^Tail..], .. rows[^Tail..], .. others[^Tail..]], value => Assert.True(float.IsNaN(value)));
    }
}

using LogDomain.Losses;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Options_of_cross_entropy()
    {
        // <example>
        float[] logits = [2, 1, 0, 0, 3, 1], gradient = new float[6];
        CrossEntropyOptions options = new() { LabelSmoothing = 0.1, ClassWeights = new double[] { 1, 1, 2 }, ZLoss = 1e-4 };
        float loss = CrossEntropy.LossAndGradient<float>(logits, [0, 2], gradient, options);
        Console.WriteLine($"{loss:F6}");                                                                   // 1.583715

        float[] probabilities = [0.9f, 0.1f, 0, 0, 0.5f, 0.5f];
        Console.WriteLine($"{CrossEntropy.Loss<float>(logits, probabilities, classes: 3):F6}");            // 0.838726

        Console.WriteLine(CrossEntropy.Loss<float>([20, 0, 0], [1f, 0, 0], classes: 3));                   // 4.1223074E-09
        // </example>
        CompareOutput();
    }
}

using LogDomain.Losses;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Labels_that_may_all_be_true()
    {
        // <example>
        // Three labels of one image. The second is rare: to miss it costs three times as much.
        float[] logits = [2, -1, -40], targets = [1, 1, 0], gradient = new float[3];
        BinaryCrossEntropyOptions options = new() { PositiveWeights = new[] { 1.0, 3.0, 1.0 } };

        float loss = BinaryCrossEntropy.LossAndGradient<float>(logits, targets, gradient, options);
        Console.WriteLine($"{loss:F6}");                                        // 1.355571
        Console.WriteLine($"{gradient[1]:F6}, {gradient[2]:E3}");               // -0.731059, 1.416E-018

        float[] each = new float[3];
        BinaryCrossEntropy.LossPerElement<float>(logits, targets, each);
        Console.WriteLine($"{each[0]:F6}, {each[1]:F6}, {each[2]:E3}");         // 0.126928, 1.313262, 4.248E-018
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Easy_elements_count_less()
    {
        // <example>
        double[] scores = [4, -0.5], objects = [1, 0], losses = new double[2];
        Focal.LossPerElement<double>(scores, objects, losses);                  // gamma 2, alpha 0.25
        Console.WriteLine($"{losses[0]:E3}, {losses[1]:F6}");                   // 1.468E-006, 0.050680
        Console.WriteLine($"{Focal.Loss<double>(scores, objects):F6}");         // 0.025341
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_student_and_its_teacher()
    {
        // <example>
        double[] teacher = [2, 1, 0], student = [1, 1, 1], gradient = new double[3];

        double divergence = KullbackLeibler.LossAndGradient<double>(teacher, student, 3, default, gradient);   // the teacher is fixed
        Console.WriteLine($"{divergence:F6}");                                  // 0.266217
        Console.WriteLine($"{gradient[0]:F6}, {gradient[2]:F6}");               // -0.331908, 0.243303

        Console.WriteLine($"{JensenShannon.Loss<double>(teacher, student, 3):F6}");   // 0.068712
        double[] here = [0, double.NegativeInfinity], there = [double.NegativeInfinity, 0];
        Console.WriteLine($"{JensenShannon.Loss<double>(here, there, 2):F6}");        // 0.693147
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Log_probabilities_and_classes()
    {
        // <example>
        // Two sentences of different lengths, padded; -100 says that there is no word.
        float[] logProbabilities = [-0.5f, -1, -2, -0.25f, -7, -7];
        int[] words = [0, 1, -100];

        NegativeLogLikelihoodOptions options = new() { IgnoreIndex = -100 };
        Console.WriteLine(NegativeLogLikelihood.Loss<float>(logProbabilities, words, options));   // 0.375
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Samples_with_a_gradient()
    {
        // <example>
        float[] logits = [1, 0, -1, 1, 0, -1], sample = new float[6], gradient = new float[6];
        GumbelSoftMaxOptions options = new() { Hard = true };
        GumbelSoftMax.Sample<float>(logits, 3, temperature: 0.5, seed: 42, sample, options);
        Console.WriteLine(string.Join(' ', sample));                            // 1 0 0 1 0 0

        float[] upstream = [1, 2, 3, 1, 2, 3];
        GumbelSoftMax.Gradient<float>(logits, 3, temperature: 0.5, seed: 42, upstream, gradient, options);
        Console.WriteLine($"{gradient[0]:F4}");                                 // -0.4389

        int[] classes = new int[2];
        GumbelSoftMax.SampleClasses<float>(logits, 3, seed: 42, classes);
        Console.WriteLine(string.Join(' ', classes));                           // 0 0
        // </example>
        CompareOutput();
    }
}

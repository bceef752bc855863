using LogDomain.Losses;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void A_linear_classifier()
    {
        // <example>
        // Two rows of two features, three classes.
        float[] embeddings = [1, 0, 0, 2], classifier = [3, 0, 0, 1, 1, 1];
        int[] classes = [0, 1];

        float[] ofEmbeddings = new float[4], ofClassifier = new float[6];
        float loss = LinearCrossEntropy.LossAndGradient<float>(embeddings, classifier, classes, features: 2, ofEmbeddings, ofClassifier);
        Console.WriteLine($"{loss:F6}");                                       // 0.464235
        Console.WriteLine($"{ofEmbeddings[0]:F6}, {ofClassifier[0]:F6}");      // -0.177210, -0.078103

        float[] logProbabilities = new float[2], logSumExps = new float[2], entropies = new float[2];
        LinearCrossEntropy.LogProbabilities<float>(embeddings, classifier, classes, 2, logProbabilities, logSumExps, entropies);
        Console.WriteLine($"{logProbabilities[0]:F6}, {logSumExps[0]:F6}, {entropies[0]:F6}");   // -0.169846, 3.169846, 0.524267
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Classes_on_two_machines()
    {
        // <example>
        // The classes 0 and 1 on one machine, class 2 on another.
        float[] rows = [1, 0, 0, 2], first = [3, 0, 0, 1], second = [1, 1];
        int[] targetClasses = [0, 1];

        SoftMaxShard[] ofFirst = new SoftMaxShard[2], ofSecond = new SoftMaxShard[2];
        LinearCrossEntropy.ShardStates<float>(rows, first, targetClasses, features: 2, firstClass: 0, classes: 3, ofFirst);
        LinearCrossEntropy.ShardStates<float>(rows, second, targetClasses, features: 2, firstClass: 2, classes: 3, ofSecond);

        SoftMaxShard[] merged = [.. ofFirst.Zip(ofSecond, (a, b) => SoftMaxShard.Merge(a, b))];
        Console.WriteLine($"{LinearCrossEntropy.ShardLoss(merged, targetClasses, classes: 3):F6}");   // 0.464235

        float[] ofRows = new float[4], ofPart = new float[2];
        LinearCrossEntropy.ShardGradient<float>(rows, second, targetClasses, 2, firstClass: 2, classes: 3, merged, ofRows, ofPart);
        Console.WriteLine($"{ofPart[0]:F6}, {ofPart[1]:F6}");                  // 0.057098, 0.468311
        // </example>
        CompareOutput();
    }
}

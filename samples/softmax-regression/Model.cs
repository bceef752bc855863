using LogDomain.Losses;

namespace SoftMaxRegression;

/// <summary>Logits as a linear function of the features: a row of weights for each class, the last of them without a feature.</summary>
internal sealed class Model(int classes)
{
    /// <summary>Brings the features, which reach 50, to the size of a weight.</summary>
    private const double Scale = 0.1;

    /// <summary>classes x (classes + 1), all 0 at the start: every digit is equally likely.</summary>
    public double[] Weights { get; } = new double[classes * (classes + 1)];

    public double Loss(Digits data)
    {
        double[] logits = new double[data.Features.Length];
        Logits(data, logits);
        return CrossEntropy.Loss<double>(logits, data.Labels);
    }

    public double Accuracy(Digits data)
    {
        double[] logits = new double[data.Features.Length];
        Logits(data, logits);
        return Accuracy(logits, data.Labels);
    }

    public static double Accuracy(double[] logits, int[] labels)
    {
        int classes = logits.Length / labels.Length;
        return labels.Where((label, row) => logits.AsSpan(row * classes, classes).IndexOf(logits.Skip(row * classes).Take(classes).Max()) == label).Count() / (double)labels.Length;
    }

    public void Logits(Digits data, double[] logits)
    {
        for (int row = 0; row < data.Count; row++)
        {
            for (int c = 0; c < classes; c++)
            {
                double sum = Weight(c, classes);
                for (int j = 0; j < classes; j++)
                {
                    sum += Weight(c, j) * Scale * data.Features[(row * classes) + j];
                }

                logits[(row * classes) + c] = sum;
            }
        }
    }

    /// <summary>The derivative by each weight, given that by each logit.</summary>
    public void Gradient(Digits data, double[] byLogit, double[] byWeight)
    {
        Array.Clear(byWeight);
        for (int row = 0; row < data.Count; row++)
        {
            for (int c = 0; c < classes; c++)
            {
                double g = byLogit[(row * classes) + c];
                for (int j = 0; j < classes; j++)
                {
                    byWeight[(c * (classes + 1)) + j] += g * Scale * data.Features[(row * classes) + j];
                }

                byWeight[(c * (classes + 1)) + classes] += g;
            }
        }
    }

    private double Weight(int c, int feature) => Weights[(c * (classes + 1)) + feature];
}

using System.Numerics;
using LogDomain.Losses;

namespace LogDomain.Tests.Losses;

/// <summary>Embeddings, a classifier and targets, with the logits that the kernel's sums give: fused multiplications and additions of floats, one after the other.</summary>
internal sealed class LinearInputs<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public LinearInputs(int rows, int classes, int features, int seed = 1, double spread = 1)
    {
        Random random = new(seed);
        T Next() => T.CreateTruncating(((random.NextDouble() * 2) - 1) * spread);
        (Rows, Classes, Features) = (rows, classes, features);
        Embeddings = [.. Enumerable.Range(0, rows * features).Select(_ => Next())];
        Classifier = [.. Enumerable.Range(0, classes * features).Select(_ => Next())];
        Bias = [.. Enumerable.Range(0, classes).Select(_ => Next())];
        Targets = [.. Enumerable.Range(0, rows).Select(_ => random.Next(classes))];
    }

    public int Rows { get; }

    public int Classes { get; }

    public int Features { get; }

    public T[] Embeddings { get; }

    public T[] Classifier { get; }

    public T[] Bias { get; }

    public int[] Targets { get; set; }

    /// <summary>The logits, rounded as the kernel rounds them.</summary>
    public double[] Logits(bool withBias)
    {
        float[] e = [.. Embeddings.Select(float.CreateTruncating)], c = [.. Classifier.Select(float.CreateTruncating)];
        double[] logits = new double[Rows * Classes];
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Classes; j++)
            {
                float sum = 0;
                for (int k = 0; k < Features; k++)
                    sum = MathF.FusedMultiplyAdd(c[(j * Features) + k], e[(i * Features) + k], sum);

                logits[(i * Classes) + j] = withBias ? sum + float.CreateTruncating(Bias[j]) : sum;
            }
        }

        return logits;
    }

    /// <summary>The sum of products of derivatives with numbers of the other side, and of their magnitudes, to each of which <paramref name="share"/> is added.</summary>
    public static (double Sum, double Size) Dot(int count, Func<int, double> derivative, Func<int, T> other, double share)
    {
        (double sum, double size) = (0, 0);
        for (int i = 0; i < count; i++)
        {
            double factor = double.CreateTruncating(other(i));
            sum += derivative(i) * factor;
            size += (Math.Abs(derivative(i)) + share) * Math.Abs(factor);
        }

        return (sum, size);
    }

    public static LinearCrossEntropyOptions Options(CrossEntropyOptions options) => new() { CrossEntropy = options };
}

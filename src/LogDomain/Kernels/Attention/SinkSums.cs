using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>The gradient of sinks. A sink has the weight <c>e^(sink - lse)</c> and no value, so that its derivative is the weight times <c>-D</c>, with D as in <see cref="AttentionBackward{TVector, T, TScore}"/>.</summary>
internal static unsafe class SinkSums
{
    /// <summary>Sums over all rows of each head, in double and in order, rounded once.</summary>
    public static void Compute<T>(AttentionItem<T>[] items, AttentionGradients<T>[] gradients, AttentionScores scores, int heads, int features, float* destination, int threads)
        where T : unmanaged =>
        TileTasks.Run(heads, threads, (head, _) =>
        {
            double sum = 0;
            using Scratch<float> scratch = new(2 * (nint)features);
            for (int i = 0; i < items.Length; i++)
            {
                int group = head - items[i].FirstHead;
                for (int query = 0; query < items[i].Queries && group >= 0 && group < items[i].Heads; query++)
                {
                    nint index = (group * items[i].LogSumExpHead) + (query * items[i].LogSumExpRow), offset = (group * items[i].OutputHead) + (query * items[i].OutputRow);
                    double logSumExp = AttentionGradients<T>.Read(items[i].LogSumExp, items[i].LogSumExpIsDouble, index), sink = scores.Sink(head);
                    double weight = double.IsNegativeInfinity(sink) ? 0 : ScalarFunctions.Exp(sink - logSumExp);
                    double mean = weight == 0 ? 0 : Dot(gradients[i].Output + offset, items[i].Output + offset, features, scratch.Span) - AttentionGradients<T>.Read(gradients[i].LogSumExp, items[i].LogSumExpIsDouble, index);
                    sum -= weight * mean;
                }
            }

            destination[head] = (float)sum + 0f;   // not -0
        });

    private static double Dot<T>(T* x, T* y, int count, Span<float> scratch)
        where T : unmanaged
    {
        double sum = 0;
        if (typeof(T) == typeof(double))
        {
            for (int i = 0; i < count; i++)
            {
                sum = Math.FusedMultiplyAdd(((double*)x)[i], ((double*)y)[i], sum);
            }

            return sum;
        }

        fixed (float* left = scratch)
        {
            float* right = left + count;
            Floats.Read(x, left, count);
            Floats.Read(y, right, count);
            for (int i = 0; i < count; i++)
            {
                sum += (double)left[i] * right[i];
            }
        }

        return sum;
    }
}

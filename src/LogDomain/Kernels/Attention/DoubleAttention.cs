using System.Runtime.CompilerServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>Attention in double, a row after the other: what the kernels of floats are compared with, and for callers who need the digits.</summary>
internal sealed unsafe class DoubleAttention<TScore>(AttentionScores scores, TScore score, int depth, int features)
    where TScore : struct, IScoreFunction
{
    /// <summary>Keys of a block, whose scores are on the stack.</summary>
    private const int BlockKeys = 128;

    private readonly TScore _score = score;

    public void Run(AttentionItem<double>[] items, AttentionRun run)
    {
        int[] firstRows = new int[items.Length + 1];
        for (int i = 0; i < items.Length; i++)
        {
            firstRows[i + 1] = firstRows[i] + items[i].Rows;
        }

        int rows = firstRows[^1];
        TileTasks.Run(rows, run.Threads, (task, _) =>
        {
            int i = Array.BinarySearch(firstRows, task);
            i = i < 0 ? ~i - 1 : i;
            while (items[i].Rows == 0)
            {
                i++;
            }

            Attend(items[i], task - firstRows[i], run);
            run.Advance(1.0 / rows);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Attend(in AttentionItem<double> item, int row, AttentionRun run)
    {
        int head = item.Head(row), query = row % item.Queries;
        long position = item.FirstPosition + query;
        scores.See(position, item.Keys, out int low, out int high);
        double* p = stackalloc double[BlockKeys];
        using Scratch<double> scratch = new(features);
        Span<double> vector = scratch.Span;
        vector.Clear();
        double max = double.NegativeInfinity, sum = 0;
        for (int first = low; first < high; first += BlockKeys)
        {
            if (run.IsCancelled)
            {
                return;
            }

            int keys = Math.Min(BlockKeys, high - first);
            double largest = double.NegativeInfinity;
            for (int key = 0; key < keys; key++)
            {
                double dot = Dot(item.QueryOf(row), item.Key.Row(first + key), depth);
                p[key] = scores.Of(dot, item.Batch, head, query, first + key, position, _score);
                largest = p[key] > largest ? p[key] : largest;
            }

            if (largest > max)
            {
                double scale = ScalarFunctions.Exp(max - largest);
                sum *= scale;
                foreach (ref double x in vector)
                {
                    x *= scale;
                }

                max = largest;
            }

            double reference = double.IsNegativeInfinity(max) ? 0 : max;
            for (int key = 0; key < keys; key++)
            {
                double weight = ScalarFunctions.Exp(p[key] - reference);
                sum += weight;
                double* value = item.Value.Row(first + key);
                for (int i = 0; i < features && weight != 0; i++)
                {
                    vector[i] = Math.FusedMultiplyAdd(weight, value[i], vector[i]);
                }
            }
        }

        fixed (double* v = vector)
        {
            if (!item.States.IsEmpty)
            {
                item.States.Merge(row, max, sum, v);
                return;
            }
        }

        item.WriteLogSumExp(row, AttentionSums.Finish(max, sum, scores.Sink(head), out double factor));
        double* output = item.OutputOf(row);
        for (int i = 0; i < features; i++)
        {
            output[i] = (vector[i] * factor) + 0.0;
        }
    }

    /// <summary>Gradients, a head of keys and values after the other.</summary>
    public void RunBackward(AttentionItem<double>[] items, AttentionGradients<double>[] gradients, AttentionRun run) =>
        TileTasks.Run(items.Length, run.Threads, (i, _) =>
        {
            using Scratch<double> row = new(depth);
            for (int key = 0; key < items[i].Keys; key++)
            {
                Clear(gradients[i].Key, key * items[i].Key.Stride, depth);
                Clear(gradients[i].Value, key * items[i].Value.Stride, features);
            }

            fixed (double* queryGradient = row.Span)
            {
                for (int r = 0; r < items[i].Rows && !run.IsCancelled; r++)
                {
                    Differentiate(items[i], gradients[i], r, queryGradient, null, null, 0);
                }
            }

            run.Advance(1.0 / items.Length);
        });

    /// <summary>The gradients of what is added to scores.</summary>
    public void SumScores(AttentionItem<double>[] items, AttentionGradients<double>[] gradients, ScoreSums sums, AttentionRun run) =>
        sums.Compute(items, run, (item, first, count, target, _) =>
        {
            for (int row = 0; row < count; row++)
            {
                Differentiate(items[item], gradients[item], first + row, null, sums, target, row);
            }
        });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(in AttentionItem<double> item, in AttentionGradients<double> gradients, int row, double* queryGradient, ScoreSums? sums, double* target, int rowOfUnit)
    {
        int head = item.Head(row), query = row % item.Queries;
        long position = item.FirstPosition + query;
        scores.See(position, item.Keys, out int low, out int high);
        nint outputOffset = (row / item.Queries * item.OutputHead) + (query * item.OutputRow), sumIndex = (row / item.Queries * item.LogSumExpHead) + (query * item.LogSumExpRow);
        double* q = item.QueryOf(row), outputGradient = gradients.Output + outputOffset;
        double logSumExp = AttentionGradients<double>.Read(item.LogSumExp, item.LogSumExpIsDouble, sumIndex);
        double mean = Dot(outputGradient, item.Output + outputOffset, features) - AttentionGradients<double>.Read(gradients.LogSumExp, item.LogSumExpIsDouble, sumIndex);
        Clear(queryGradient, 0, depth);
        for (int key = low; key < high && !double.IsNegativeInfinity(logSumExp); key++)
        {
            double* k = item.Key.Row(key), v = item.Value.Row(key);
            double dot = Dot(q, k, depth), x = scores.Of(dot, item.Batch, head, query, key, position, _score), weight = double.IsNegativeInfinity(x) ? 0 : ScalarFunctions.Exp(x - logSumExp);
            if (weight == 0)
            {
                continue;
            }

            double slope = scores.SlopeOf(dot, item.Batch, head, query, key, position, _score, out double functionSlope), byScore = weight * (Dot(outputGradient, v, features) - mean);
            if (sums != null)
            {
                sums.Add(target, rowOfUnit, key, position, byScore * functionSlope);
                continue;
            }

            double derivative = byScore * slope;
            AddTo(queryGradient, derivative, k, depth);
            AddTo(gradients.Key == null ? null : gradients.Key + (key * item.Key.Stride), derivative, q, depth);
            AddTo(gradients.Value == null ? null : gradients.Value + (key * item.Value.Stride), weight, outputGradient, features);
        }

        if (gradients.Query != null && sums == null)
        {
            double* destination = gradients.Query + (row / item.Queries * item.QueryHead) + (query * item.QueryRow);
            new ReadOnlySpan<double>(queryGradient, depth).CopyTo(new(destination, depth));
        }
    }

    private static void Clear(double* x, nint offset, int count)
    {
        if (x != null)
        {
            new Span<double>(x + offset, count).Clear();
        }
    }

    private static void AddTo(double* sums, double factor, double* x, int count)
    {
        for (int i = 0; i < count && sums != null; i++)
        {
            sums[i] = Math.FusedMultiplyAdd(factor, x[i], sums[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot(double* x, double* y, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum = Math.FusedMultiplyAdd(x[i], y[i], sum);
        }

        return sum;
    }
}

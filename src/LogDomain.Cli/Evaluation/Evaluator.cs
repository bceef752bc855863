using LogDomain.Cli.Input;
using LogDomain.Losses;

namespace LogDomain.Cli.Evaluation;

/// <summary>Scores logits against labels, batch by batch: what is held in memory does not grow with the file.</summary>
internal static class Evaluator
{
    private const int Bins = 15;

    /// <summary>Elements of a batch, 2 MB as double: large enough to share among cores, small enough for the second-level cache.</summary>
    private const int BatchElements = 1 << 18;

    /// <param name="source">The logits.</param>
    /// <param name="labels">One label a row.</param>
    /// <param name="labelsPath">The labels' file, for messages.</param>
    /// <param name="topK">K of top-k accuracy.</param>
    /// <param name="ignoreIndex">The label of rows that do not count.</param>
    /// <param name="progress">Is told what is being done and the share of it that is done.</param>
    public static Scores Evaluate(ILogitsSource source, long[] labels, string labelsPath, int topK, int? ignoreIndex, Action<string, double> progress)
    {
        int[] targets = Targets(source, labels, labelsPath, ignoreIndex);
        topK = Math.Min(topK, source.Classes);
        Total loss = default, log = default, brier = default, entropy = default;
        Total[] confidence = new Total[Bins];
        long[] binCount = new long[Bins], binCorrect = new long[Bins];
        long count = 0, correct = 0, inTopK = 0;
        double[] probabilities = [], logs = [], losses = [];
        RowScore[] scores = [];
        foreach ((long first, int rows, double[] x) in Batches(source))
        {
            int classes = source.Classes, length = rows * classes;
            Grow(ref probabilities, length);
            Grow(ref logs, length);
            Grow(ref losses, rows);
            Grow(ref scores, rows);
            CheckRows(source, first, x.AsSpan(0, length));
            ReadOnlySpan<int> batchTargets = targets.AsSpan((int)first, rows);
            LogPrimitives.LogSoftMaxRows<double>(x.AsSpan(0, length), classes, logs);
            LogPrimitives.SoftMaxRows<double>(x.AsSpan(0, length), classes, probabilities);
            CrossEntropy.LossPerRow<double>(x.AsSpan(0, length), batchTargets, losses, new() { IgnoreIndex = ignoreIndex });
            ForRows(rows, classes, row =>
            {
                int target = targets[first + row];
                scores[row] = target == ignoreIndex ? default : RowScore.Of(
                    logs.AsSpan(row * classes, classes), probabilities.AsSpan(row * classes, classes), target, losses[row], topK);
            });
            for (int row = 0; row < rows; row++)
            {
                if (batchTargets[row] == ignoreIndex)
                {
                    continue;
                }

                RowScore score = scores[row];
                loss += score.Loss;
                log += score.LogConfidence;
                brier += score.Brier;
                entropy += score.Entropy;
                correct += score.Correct ? 1 : 0;
                inTopK += score.InTopK ? 1 : 0;
                double p = Math.Exp(score.LogConfidence);
                int bin = Math.Clamp((int)Math.Ceiling(p * Bins) - 1, 0, Bins - 1);
                binCount[bin]++;
                binCorrect[bin] += score.Correct ? 1 : 0;
                confidence[bin] += p;
                count++;
            }

            progress("Scoring", (first + rows) / (double)source.Rows);
        }

        if (count == 0)
        {
            throw new InputException($"{labelsPath}: every label is the ignored index {ignoreIndex}; nothing is left to score.");
        }

        Scores plain = new()
        {
            File = source.Path,
            Count = count,
            Ignored = source.Rows - count,
            Classes = source.Classes,
            TopK = topK,
            CrossEntropy = loss.Value / count,
            Accuracy = correct / (double)count,
            TopKAccuracy = inTopK / (double)count,
            Brier = brier.Value / count,
            MeanLogProbability = log.Value / count,
            MeanEntropy = entropy.Value / count,
            Bins = [.. Enumerable.Range(0, Bins).Select(b => binCount[b] == 0
                ? default
                : new Bin(binCount[b], confidence[b].Value / binCount[b], binCorrect[b] / (double)binCount[b]))],
        };
        TemperatureSearch search = new(source, targets, ignoreIndex, count, progress);
        return search.Apply(plain, separable: correct == count);
    }

    /// <summary>All rows, in order. The array is used again for the next batch.</summary>
    public static IEnumerable<(long First, int Rows, double[] Values)> Batches(ILogitsSource source)
    {
        int rowsPerBatch = Math.Max(1, BatchElements / source.Classes);
        double[] values = new double[(int)Math.Min(rowsPerBatch, source.Rows) * source.Classes];
        for (long first = 0; first < source.Rows; first += rowsPerBatch)
        {
            int rows = (int)Math.Min(rowsPerBatch, source.Rows - first);
            source.Read(first, values.AsSpan(0, rows * source.Classes));
            yield return (first, rows, values);
        }
    }

    /// <summary>Calls the body for each row, on all cores where that pays. Each writes to its own place, so the order does not matter.</summary>
    public static void ForRows(int rows, int classes, Action<int> body)
    {
        const int Worthwhile = 1 << 15;
        if ((long)rows * classes >= Worthwhile)
        {
            _ = Parallel.For(0, rows, body);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            body(row);
        }
    }

    public static void Grow<T>(ref T[] array, int length) => array = array.Length < length ? new T[length] : array;

    private static int[] Targets(ILogitsSource source, long[] labels, string labelsPath, int? ignoreIndex)
    {
        if (labels.Length != source.Rows)
        {
            throw new InputException($"{labelsPath}: there are {labels.Length} labels, but {source.Path} has {source.Rows} rows.");
        }

        int[] targets = new int[labels.Length];
        for (int row = 0; row < labels.Length; row++)
        {
            long label = labels[row];
            targets[row] = label == ignoreIndex || (label >= 0 && label < source.Classes)
                ? (int)label
                : throw new InputException($"{labelsPath}: row {row}: the label is {label}, but {source.Path} has {source.Classes} classes.");
        }

        return targets;
    }

    private static void CheckRows(ILogitsSource source, long first, ReadOnlySpan<double> x)
    {
        for (int start = 0; start < x.Length; start += source.Classes)
        {
            ReadOnlySpan<double> row = x.Slice(start, source.Classes);
            bool finite = false;
            for (int j = 0; j < row.Length; j++)
            {
                if (double.IsNaN(row[j]) || double.IsPositiveInfinity(row[j]))
                {
                    string what = double.IsNaN(row[j]) ? "NaN" : "infinity";
                    throw new InputException($"{source.Path}: row {first + (start / source.Classes)}, column {j}: the logit is {what}.");
                }

                finite |= row[j] > double.NegativeInfinity;
            }

            if (!finite)
            {
                throw new InputException($"{source.Path}: row {first + (start / source.Classes)}: every logit is -infinity; there is no most likely class.");
            }
        }
    }
}

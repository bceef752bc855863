using System.Collections.Concurrent;
using System.Numerics;
using LogDomain.Cli.Input;

namespace LogDomain.Cli.Evaluation;

/// <summary>Scores logits against labels. What is held in memory does not grow with the files.</summary>
internal static class Evaluator
{
    /// <summary>
    /// Up to so many logits all is computed in double, which takes milliseconds. In float a row is right to 1e-7, and the means of many rows are better
    /// than that.
    /// </summary>
    private const long Few = 1 << 20;

    /// <param name="logits">The logits.</param>
    /// <param name="labels">One label a row.</param>
    /// <param name="topK">K of top-k accuracy.</param>
    /// <param name="ignoreIndex">The label of rows that do not count.</param>
    /// <param name="calibrate">Whether to read the rows once more for their calibration at the best temperature.</param>
    /// <param name="progress">Is told what is being done and the share of it that is done.</param>
    public static Scores Evaluate(
        ILogitsSource logits, ILabelsSource labels, int topK, int? ignoreIndex, bool calibrate, Action<string, double> progress) =>
        logits.FitsSingle && logits.Rows * logits.Classes > Few
            ? new Evaluator<float>(logits, labels, topK, ignoreIndex, progress).Evaluate(calibrate)
            : new Evaluator<double>(logits, labels, topK, ignoreIndex, progress).Evaluate(calibrate);
}

/// <summary>The same in arithmetic of one type.</summary>
internal sealed class Evaluator<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements of a block, the unit of work of a thread and of the order of summation.</summary>
    private const int BlockElements = 1 << 18;

    /// <summary>Elements of a tile, what a thread reads and computes at once: three arrays of 64 KB as float, which stay in the second-level cache.</summary>
    private const int TileElements = 1 << 14;

    /// <summary>A sample takes one block of so many, and is taken only if it has as many blocks itself.</summary>
    private const int SampleShare = 16;

    /// <summary>Steps of the search on a sample, which only has to begin well, and on all rows.</summary>
    private const int SampleSteps = 12, Steps = 60;

    private readonly ILogitsSource _logits;
    private readonly ILabelsSource _labels;
    private readonly int? _ignoreIndex;
    private readonly int _topK, _tileRows, _blockRows, _blocks;
    private readonly Action<string, double> _progress;
    private readonly ConcurrentBag<RowTile<T>> _tiles = [];

    public Evaluator(ILogitsSource logits, ILabelsSource labels, int topK, int? ignoreIndex, Action<string, double> progress)
    {
        (_logits, _labels, _ignoreIndex, _progress) = (logits, labels, ignoreIndex, progress);
        _topK = Math.Min(topK, logits.Classes);
        _tileRows = (int)Math.Min(logits.Rows, Math.Max(1, TileElements / logits.Classes));
        _blockRows = Math.Max(1, BlockElements / logits.Classes);
        _blocks = checked((int)((logits.Rows + _blockRows - 1) / _blockRows));
    }

    /// <summary>
    /// Small samples show where the best temperature is, roughly; then one reading of all rows gives the scores and, in most cases, the best temperature.
    /// </summary>
    public Scores Evaluate(bool calibrate)
    {
        if (_labels.Count != _logits.Rows)
        {
            throw new InputException($"{_labels.Path}: there are {_labels.Count} labels, but {_logits.Path} has {_logits.Rows} rows.");
        }

        double start = 1;
        for (int stride = SampleShare * SampleShare; stride > 1; stride /= SampleShare)
        {
            if (_blocks >= SampleShare * stride)
            {
                (double Inverse, double Loss)? found = TemperatureSearch.Find(start, SampleSteps, b => Read("Sampling", stride, b, tally: null));
                start = TemperatureSearch.Representable(found?.Inverse ?? 1);
            }
        }

        Tally tally = new();
        LossCurve first = Read("Scoring", 1, start, tally);
        if (tally.Count == 0)
        {
            throw new InputException($"{_labels.Path}: every label is the ignored index {_ignoreIndex}; nothing is left to score.");
        }

        Scores scores = tally.ToScores(_logits.Path, _logits.Rows, _logits.Classes, _topK);
        if (tally.Correct == tally.Count)
        {
            return scores with { NoTemperature = "every row is right: the cross-entropy falls to 0 as T falls to 0" };
        }

        if (!double.IsFinite(scores.CrossEntropy))
        {
            return scores with { NoTemperature = "a label has probability 0: the cross-entropy is infinite at any T" };
        }

        if (tally.SlopeOfUniform >= 0)
        {
            return scores with { NoTemperature = "the logits carry no signal: the cross-entropy falls as T grows" };
        }

        if (TemperatureSearch.Find(start, Steps, b => b == start ? first : Read("Fitting the temperature", 1, b, tally: null)) is not var (inverse, loss))
        {
            return scores with { NoTemperature = "the search did not settle" };
        }

        return scores with
        {
            Temperature = 1 / inverse,
            CrossEntropyAtTemperature = loss,
            CalibratedBins = calibrate ? Read("Calibrating", 1, inverse, tally: null).Calibration.ToBins() : null,
        };
    }

    /// <summary>Reads each block whose number is a multiple of the stride. Adds its rows to the tally, if there is one, and returns the curve around b.</summary>
    private LossCurve Read(string what, int stride, double b, Tally? tally)
    {
        LossCurve curve = new();
        int count = ((_blocks - 1) / stride) + 1;
        Blocks.InOrder(count, i => ReadBlock(i * stride, b, tally is null ? null : new Tally()), (result, i) =>
        {
            curve.Add(result.Curve);
            tally?.Add(result.Tally!);
            _progress(what, (i + 1) / (double)count);
        });
        return curve;
    }

    private (LossCurve Curve, Tally? Tally) ReadBlock(int block, double b, Tally? tally)
    {
        LossCurve curve = new();
        long first = (long)block * _blockRows, end = Math.Min(first + _blockRows, _logits.Rows);
        if (!_tiles.TryTake(out RowTile<T>? tile))
        {
            tile = new RowTile<T>(_tileRows, _logits.Classes);
        }

        Span<long> labels = new long[_tileRows];
        for (; first < end; first += _tileRows)
        {
            int rows = (int)Math.Min(_tileRows, end - first);
            _labels.Read(first, labels[..rows]);
            CheckLabels(first, labels[..rows]);
            _logits.Read(first, tile.Logits(rows));
            if (tile.Center(rows) is >= 0 and int bad)
            {
                throw NoProbabilities(first + bad, tile.Logits(rows).Slice(bad * _logits.Classes, _logits.Classes));
            }

            if (tally is not null)
            {
                tile.SoftMax(rows);
                for (int row = 0; row < rows; row++)
                {
                    if (labels[row] != _ignoreIndex)
                    {
                        int label = (int)labels[row];
                        RowPrediction prediction = tile.Predict(row, label);
                        tally.Add(prediction, tile.Ahead(row, label), _topK, tile.MeanLogit(row, prediction.Others.Logits));
                    }
                }
            }

            tile.Scale(rows, b);
            tile.SoftMax(rows);
            for (int row = 0; row < rows; row++)
            {
                if (labels[row] != _ignoreIndex)
                {
                    curve.Add(tile.Predict(row, (int)labels[row]));
                }
            }
        }

        _tiles.Add(tile);
        return (curve, tally);
    }

    private void CheckLabels(long first, ReadOnlySpan<long> labels)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            if ((ulong)labels[row] >= (ulong)_logits.Classes && labels[row] != _ignoreIndex)
            {
                throw new InputException(
                    $"{_labels.Path}: row {first + row}: the label is {labels[row]}, but {_logits.Path} has {_logits.Classes} classes.");
            }
        }
    }

    private InputException NoProbabilities(long row, ReadOnlySpan<T> x)
    {
        for (int j = 0; j < x.Length; j++)
        {
            if (T.IsNaN(x[j]) || T.IsPositiveInfinity(x[j]))
            {
                return new($"{_logits.Path}: row {row}, column {j}: the logit is {(T.IsNaN(x[j]) ? "NaN" : "infinity")}.");
            }
        }

        return new($"{_logits.Path}: row {row}: every logit is -infinity; there is no most likely class.");
    }
}

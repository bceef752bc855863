using System.Numerics.Tensors;
using LogDomain.Peers.Peers;
using TorchSharp;

namespace LogDomain.Peers.Reductions;

/// <summary>
/// The speed of the reductions on one thread, each beside the operation that it is to keep up with: the plain log-sum-exp or softmax of ours on the same
/// elements, or PyTorch's way to the same result.
/// </summary>
internal sealed unsafe class ReductionSpeeds(Report report, Options options, TorchReductions? torchReductions) : IDisposable
{
    private const int Rows = 1_024, Columns = 4_096, Count = Rows * Columns;

    private readonly NativeBuffer _x = new((long)Count * sizeof(float), offset: 0), _weights = new((long)Count * sizeof(float), offset: 1_024);
    private readonly NativeBuffer _destination = new((long)Count * sizeof(float), offset: 2_048), _mask = new(Count, offset: 3_072);
    private readonly List<bool> _met = [];

    public void Write()
    {
        Machine.Pin(pinned: true);
        Random random = new(1);
        Func<int, int, double> normal = Workload.Normal(random, deviation: 4);
        for (int i = 0; i < Count; i++)
        {
            _x.Span<float>()[i] = (float)normal(0, i);
            _weights.Span<float>()[i] = (float)random.NextDouble();
            _mask.Span<bool>()[i] = random.Next(4) != 0;
        }

        report.Line("### Reductions, float, 1 thread");
        report.Line();
        report.Row(["reduction", "elements", OursPeer.Label, "beside", "its speed", "ratio", "goal"]);
        report.Line("|---|---|---:|---|---:|---:|---|");
        Weighted(64, 1_024);
        Weighted(Rows, Columns);
        Cumulative(64, 1_024);
        Cumulative(1, Count);
        AlongColumns();
        Segments();
        Temperature(64, 1_024);
        Accumulator();
        report.Line();
        report.Line("Speeds are billions of elements per second, and of states for merging; a ratio is ours to the other's, the median of the rounds' ratios.");
        report.Line();
        report.Line($"- Goals: {_met.Count(met => met)} met, {_met.Count(met => !met)} missed");
        report.WriteLoad("at the end");
    }

    public void Dispose()
    {
        _x.Dispose();
        _weights.Dispose();
        _destination.Dispose();
        _mask.Dispose();
    }

    private void Weighted(int rows, int columns)
    {
        int count = rows * columns;
        Contestant plain = new(() => LogPrimitives.LogSumExpRows<float>(X(count), columns, Y(rows), 1));
        Write(new("log-sum-exp, weights", $"{rows} x {columns}", count,
            new(() => LogPrimitives.LogSumExpRows(X(count), _weights.Span<float>()[..count], columns, Y(rows), 1)), new Rival("plain", plain, 0.8)));
        Write(new("log-sum-exp, mask", $"{rows} x {columns}", count,
            new(() => LogPrimitives.LogSumExpRows(X(count), _mask.Span<bool>()[..count], columns, Y(rows), 1)), new Rival("plain", plain, 0.8)));
    }

    private void Cumulative(int rows, int columns)
    {
        int count = rows * columns;
        using torch.Tensor? x = View(_x, rows, columns), y = View(_destination, rows, columns);
        Write(new("cumulative log-sum-exp", $"{rows} x {columns}", count,
            new(() => LogPrimitives.CumulativeLogSumExpRows<float>(X(count), columns, Y(count), maxDegreeOfParallelism: 1)),
            new Rival("torch logcumsumexp", Torch(() => torchReductions!.Cumulative(x!, y!)), 10)));
    }

    private void AlongColumns()
    {
        using torch.Tensor? x = View(_x, Rows, Columns), y = View(_destination, Rows, Columns);
        Write(new("softmax, dimension 0", $"{Rows} x {Columns}", Count,
            new(() => LogTensor.SoftMax(new ReadOnlyTensorSpan<float>(_x.Span<float>(), [Rows, Columns]), 0, new TensorSpan<float>(_destination.Span<float>(), [Rows, Columns]), 1)),
            new Rival("dimension 1", new(() => LogPrimitives.SoftMaxRows<float>(X(Count), Columns, Y(Count), 1)), 0.6),
            new Rival("torch, dimension 0", Torch(() => _ = TorchNative.SoftMaxOut(x!.Handle, 0, 0, y!.Handle)), 1.2)));
    }

    private void Segments()
    {
        Random random = new(2);
        List<int> offsets = [0];
        while (offsets[^1] + 1_000 <= Count)
        {
            offsets.Add(offsets[^1] + random.Next(1, 1_001));
        }

        int[] starts = [.. offsets];
        int segments = starts.Length - 1, count = starts[^1], mean = count / segments;
        long[] groups = [.. Enumerable.Range(0, segments).SelectMany(segment => Enumerable.Repeat((long)segment, starts[segment + 1] - starts[segment]))];
        using torch.Tensor? x = View(_x, count), max = View(_weights, segments), sum = View(_destination, segments);
        using torch.Tensor? indices = torchReductions is null ? null : torch.tensor(groups, torch.ScalarType.Int64);
        float[] weights = _weights.Span<float>()[..segments].ToArray();
        Write(new("log-sum-exp, segments of 1 to 1,000", $"{count}", count,
            new(() => LogPrimitives.SegmentLogSumExp<float>(X(count), starts, Y(segments), 1)),
            new Rival($"rows of {mean}", new(() => LogPrimitives.LogSumExpRows<float>(X(segments * mean), mean, Y(segments), 1)), 0.5),
            new Rival("torch scatter", Torch(() => torchReductions!.Scatter(x!, indices!, max!, sum!)), 10)));
        weights.CopyTo(_weights.Span<float>());
    }

    private void Temperature(int rows, int columns)
    {
        int count = rows * columns;
        Write(new("softmax, temperature", $"{rows} x {columns}", count,
            new(() => EachRow((x, y) => LogPrimitives.SoftMax<float>(x, 1.5f, y))),
            new Rival("plain", new(() => EachRow((x, y) => LogPrimitives.SoftMax<float>(x, y))), 0.5)));
        Write(new("log-softmax, temperature", $"{rows} x {columns}", count,
            new(() => EachRow((x, y) => LogPrimitives.LogSoftMax<float>(x, 1.5f, y))),
            new Rival("plain", new(() => EachRow((x, y) => LogPrimitives.LogSoftMax<float>(x, y))), 0.5)));

        void EachRow(Action<ReadOnlySpan<float>, Span<float>> operation)
        {
            for (int row = 0; row < rows; row++)
            {
                operation(X(count).Slice(row * columns, columns), Y(count).Slice(row * columns, columns));
            }
        }
    }

    private void Accumulator()
    {
        const int Length = 64 * 1_024, States = 1_024;
        LogSumExpAccumulator[] states = new LogSumExpAccumulator[States];
        for (int i = 0; i < States; i++)
        {
            states[i].Add<float>(X(Count).Slice(i * 64, 64));
        }

        Write(new("accumulator, spans of floats", $"{Length}", Length, new(() =>
        {
            LogSumExpAccumulator sum = default;
            sum.Add<float>(X(Length));
        }), Pace("1 Gelem/s", Length / 1e9)));
        Write(new("accumulator, merging", $"{States} states", States, new(() =>
        {
            LogSumExpAccumulator sum = default;
            foreach (ref LogSumExpAccumulator state in states.AsSpan())
            {
                sum.Merge(state);
            }
        }), Pace("100 ns a state", States * 100e-9)));
    }

    private static Rival Pace(string name, double seconds) => new(name, null, 1, seconds);

    private ReadOnlySpan<float> X(int count) => _x.Span<float>()[..count];

    private Span<float> Y(int count) => _destination.Span<float>()[..count];

    private torch.Tensor? View(NativeBuffer buffer, params long[] shape) =>
        torchReductions is null ? null : TorchNative.View(buffer.Pointer, torch.ScalarType.Float32, shape);

    private Contestant? Torch(Action run) => torchReductions is null ? null : new(() =>
    {
        UpperHalves.Clear();
        run();
    });

    private void Write(Reduction reduction)
    {
        Dictionary<string, Contestant> contestants = new() { [OursPeer.Label] = reduction.Ours };
        foreach (Rival rival in reduction.Rivals.Where(rival => rival.Contestant is not null))
        {
            contestants[rival.Name] = rival.Contestant!;
        }

        Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads: 1);
        double[] ours = seconds[OursPeer.Label];
        foreach (Rival rival in reduction.Rivals)
        {
            double[]? theirs = seconds.GetValueOrDefault(rival.Name);
            double ratio = rival.Seconds is double pace ? pace / Median(ours)
                : theirs is null ? double.NaN : Median([.. theirs.Zip(ours, (other, own) => other / own)]);
            bool met = ratio >= rival.Factor;
            if (!double.IsNaN(ratio))
            {
                _met.Add(met);
            }

            report.Row(
            [
                reduction.Name, reduction.Shape, Speed(ours), rival.Name, theirs is null ? "-" : Speed(theirs), Report.Number(ratio, "0.00"),
                double.IsNaN(ratio) ? "-" : $"{Report.Number(rival.Factor, "0.0")}x: {(met ? "met" : "**missed**")}",
            ]);
        }

        string Speed(double[] times) => Report.Number(reduction.Elements / Median(times) / 1e9, "0.000");
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

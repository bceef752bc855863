using System.Numerics;
using LogDomain.Peers.Peers;
using TorchSharp;

namespace LogDomain.Peers.Functions;

/// <summary>The speed of the functions of elements, one thread, 4,096 x 1,024 elements, beside PyTorch and TensorPrimitives.</summary>
internal sealed unsafe class FunctionSpeeds(Report report, Options options, TorchFunctions? torchFunctions)
{
    private const int Count = 4_096 * 1_024;

    public void Write()
    {
        Machine.Pin(pinned: true);
        Write<float>("float", torch.ScalarType.Float32);
        Write<double>("double", torch.ScalarType.Float64);
        report.WriteLoad("at the end");
    }

    private void Write<T>(string type, torch.ScalarType torchType)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using NativeBuffer x = new((long)Count * sizeof(T), offset: 0), y = new((long)Count * sizeof(T), offset: 1_024), destination = new((long)Count * sizeof(T), offset: 2_048);
        using torch.Tensor? torchX = Tensor(x), torchY = Tensor(y), torchDestination = Tensor(destination);
        report.Line($"### Functions, {type}, 1 thread, 4,096 x 1,024");
        report.Line();
        report.Row(["function", OursPeer.Label, TorchPeer.Label, TensorPrimitivesPeer.Label, $"x {TorchPeer.Label}", $"x {TensorPrimitivesPeer.Label}"]);
        report.Rule(5);
        foreach (ElementwiseFunction<T> function in ElementwiseFunction<T>.All)
        {
            Fill(x, function.FirstInput, seed: 1);
            Fill(y, function.SecondInput, seed: 2);
            Dictionary<string, Contestant> contestants = new()
            {
                [OursPeer.Label] = new(() => function.Ours(x.Span<T>(), y.Span<T>(), destination.Span<T>())),
            };
            if (torchFunctions?.Find(function.Name) is { } call)
            {
                contestants[TorchPeer.Label] = new(() =>
                {
                    UpperHalves.Clear();
                    call(torchX!, torchY!, torchDestination!);
                });
            }

            if (function.Dotnet is { } dotnet)
            {
                contestants[TensorPrimitivesPeer.Label] = new(() => dotnet(x.Span<T>(), y.Span<T>(), destination.Span<T>()));
            }

            Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads: 1);
            report.Row(
            [
                function.Name,
                .. ((string[])[OursPeer.Label, TorchPeer.Label, TensorPrimitivesPeer.Label]).Select(name => Report.Number(Speed(seconds, name), "0.00")),
                .. ((string[])[TorchPeer.Label, TensorPrimitivesPeer.Label]).Select(name => Report.Number(Ratio(seconds, name), "0.0")),
            ]);
        }

        report.Line();

        torch.Tensor? Tensor(NativeBuffer buffer) => torchFunctions is null ? null : TorchNative.View(buffer.Pointer, torchType, [4_096, 1_024]);

        static void Fill(NativeBuffer buffer, Func<double, double> input, int seed)
        {
            Func<int, int, double> normal = Workload.Normal(new Random(seed), deviation: 4);
            Span<T> span = buffer.Span<T>();
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = T.CreateTruncating(input(normal(0, i)));
            }
        }
    }

    private static double Speed(Dictionary<string, double[]> seconds, string name) =>
        seconds.TryGetValue(name, out double[]? own) ? Count / Median(own) / 1e9 : double.NaN;

    private static double Ratio(Dictionary<string, double[]> seconds, string name) => seconds.TryGetValue(name, out double[]? other)
        ? Median([.. other.Zip(seconds[OursPeer.Label], (theirs, ours) => theirs / ours)])
        : double.NaN;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

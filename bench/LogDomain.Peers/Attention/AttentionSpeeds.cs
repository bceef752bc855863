using LogDomain.Attention;
using LogDomain.Peers.Linear;
using LogDomain.Peers.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Attention;

/// <summary>Attention beside PyTorch's and ONNX Runtime's: prefill, decoding, gradients.</summary>
internal sealed class AttentionSpeeds(Report report, Options options)
{
    private static readonly (AttentionShape Shape, bool IsCausal)[] Prefill =
    [
        (new(1, 8, 8, 1024, 1024, 64, 64), false), (new(1, 8, 8, 1024, 1024, 64, 64), true), (new(1, 8, 8, 2048, 2048, 128, 128), false), (new(1, 8, 8, 2048, 2048, 128, 128), true),
        (new(1, 1, 1, 16_384, 16_384, 64, 64), false), (new(1, 1, 1, 16_384, 16_384, 64, 64), true),
    ];

    private static readonly AttentionShape[] Decoding = [new(1, 32, 32, 1, 8192, 128, 128), new(1, 8, 8, 1, 4096, 64, 64), new(1, 1, 1, 1, 32_768, 128, 128)];

    public void Write()
    {
        report.Line("### Attention, float; GFLOP/s count all pairs, also where attention is causal; GB/s are the bytes of keys and values");
        report.Line();
        report.Row(["heads, queries x keys x size", "threads", $"{OursPeer.Label}, ms", $"{TorchPeer.Label}, ms", $"{OnnxPeer.Label}, ms", $"x {TorchPeer.Label}", $"x {OnnxPeer.Label}", "GFLOP/s", "GB/s"]);
        report.Rule(8);
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            set_num_threads(threads);
            foreach ((AttentionShape shape, bool isCausal) in Prefill)
            {
                Forward(shape, isCausal, threads);
            }

            foreach (AttentionShape shape in Decoding)
            {
                Forward(shape, false, threads);
            }

            Narrow(Prefill[0].Shape, threads);
            foreach ((AttentionShape shape, bool isCausal) in Prefill[..4])
            {
                Backward(shape, isCausal, threads);
            }
        }

        report.Line();
        report.WriteLoad("at the end");
    }

    private void Forward(in AttentionShape sizes, bool isCausal, int threads)
    {
        AttentionShape shape = sizes;
        (float[] query, float[] key, float[] value, float[] output) = Arrays(shape);
        AttentionOptions own = new() { IsCausal = isCausal, MaxDegreeOfParallelism = threads };
        using Tensor q = Of(query, shape.Heads, shape.QueryLength), k = Of(key, shape.KeyValueHeads, shape.KeyLength), v = Of(value, shape.KeyValueHeads, shape.KeyLength);
        using OnnxAttention onnx = new(shape, query, key, value, (float[])output.Clone(), isCausal, threads);
        Compare(
            Name(shape, isCausal),
            threads,
            shape,
            4,
            new()
            {
                [OursPeer.Label] = new(() => ScaledDotProductAttention.Forward<float>(query, key, value, output, shape, own)),
                [TorchPeer.Label] = new(() => Torch(q, k, v, isCausal)),
                [OnnxPeer.Label] = new(onnx.Run),
            });
    }

    private void Narrow(in AttentionShape sizes, int threads)
    {
        AttentionShape shape = sizes;
        (float[] query, float[] key, float[] value, _) = Arrays(shape);
        BFloat16[] q16 = Narrow(query), k16 = Narrow(key), v16 = Narrow(value), output = new BFloat16[query.Length];
        AttentionOptions own = new() { MaxDegreeOfParallelism = threads };
        using Tensor q = Of(query, shape.Heads, shape.QueryLength).to(bfloat16), k = Of(key, shape.Heads, shape.KeyLength).to(bfloat16), v = Of(value, shape.Heads, shape.KeyLength).to(bfloat16);
        Compare(
            Name(shape, false) + ", BFloat16",
            threads,
            shape,
            4,
            new()
            {
                [OursPeer.Label] = new(() => ScaledDotProductAttention.Forward<BFloat16>(q16, k16, v16, output, shape, own)),
                [TorchPeer.Label] = new(() => Torch(q, k, v, false)),
            });
    }

    private void Backward(in AttentionShape sizes, bool isCausal, int threads)
    {
        AttentionShape shape = sizes;
        (float[] query, float[] key, float[] value, float[] output) = Arrays(shape);
        float[] logSumExp = new float[shape.Heads * shape.QueryLength], gradient = LinearSpeeds.Sample(output.Length, 1, seed: 5);
        float[] ofQuery = new float[query.Length], ofKey = new float[key.Length], ofValue = new float[value.Length];
        AttentionOptions own = new() { IsCausal = isCausal, MaxDegreeOfParallelism = threads };
        using Tensor q = Of(query, shape.Heads, shape.QueryLength).requires_grad_(), k = Of(key, shape.Heads, shape.KeyLength).requires_grad_(), v = Of(value, shape.Heads, shape.KeyLength).requires_grad_();
        using Tensor dO = Of(gradient, shape.Heads, shape.QueryLength);
        Compare(
            Name(shape, isCausal) + ", forward and backward",
            threads,
            shape,
            14,
            new()
            {
                [OursPeer.Label] = new(() =>
                {
                    ScaledDotProductAttention.Forward<float>(query, key, value, output, logSumExp, shape, own);
                    ScaledDotProductAttention.Backward<float>(query, key, value, output, logSumExp, gradient, default, ofQuery, ofKey, ofValue, shape, own);
                }),
                [TorchPeer.Label] = new(() =>
                {
                    UpperHalves.Clear();
                    using DisposeScope scope = NewDisposeScope();
                    q.grad = null;
                    k.grad = null;
                    v.grad = null;
                    nn.functional.scaled_dot_product_attention(q, k, v, is_casual: isCausal).backward([dO]);
                }),
            });
    }

    private static void Torch(Tensor q, Tensor k, Tensor v, bool isCausal)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        _ = nn.functional.scaled_dot_product_attention(q, k, v, is_casual: isCausal);
    }

    private void Compare(string name, int threads, in AttentionShape shape, int products, Dictionary<string, Contestant> contestants)
    {
        Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        double[] own = seconds[OursPeer.Label], torch = seconds[TorchPeer.Label];
        double[]? onnx = seconds.GetValueOrDefault(OnnxPeer.Label);
        double pairs = (double)shape.Heads * shape.QueryLength * shape.KeyLength, bytes = 8.0 * shape.KeyValueHeads * shape.KeyLength * shape.HeadSize;
        report.Row(
        [
            name,
            $"{threads}",
            Report.Number(1e3 * Median(own), "0.00"),
            Report.Number(1e3 * Median(torch), "0.00"),
            onnx is null ? "" : Report.Number(1e3 * Median(onnx), "0.00"),
            Report.Number(Median([.. torch.Zip(own, (peer, mine) => peer / mine)]), "0.00"),
            onnx is null ? "" : Report.Number(Median([.. onnx.Zip(own, (peer, mine) => peer / mine)]), "0.00"),
            Report.Number(products * pairs * shape.HeadSize / Median(own) / 1e9, "0"),
            Report.Number(bytes / Median(own) / 1e9, "0.0"),
        ]);
    }

    private static string Name(in AttentionShape shape, bool isCausal) => $"{shape.Heads}, {shape.QueryLength:#,##0} x {shape.KeyLength:#,##0} x {shape.HeadSize}{(isCausal ? ", causal" : "")}";

    private static (float[] Query, float[] Key, float[] Value, float[] Output) Arrays(in AttentionShape shape)
    {
        int queries = shape.Heads * shape.QueryLength * shape.HeadSize, keys = shape.KeyValueHeads * shape.KeyLength * shape.HeadSize;
        return (LinearSpeeds.Sample(queries, 1.7f, seed: 1), LinearSpeeds.Sample(keys, 1.7f, seed: 2), LinearSpeeds.Sample(keys, 1, seed: 3), LinearSpeeds.Sample(queries, 1, seed: 4));
    }

    private static Tensor Of(float[] values, int heads, int positions) => tensor(values, [1, heads, positions, values.Length / heads / positions]);

    private static BFloat16[] Narrow(float[] values) => [.. values.Select(value => (BFloat16)value)];

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

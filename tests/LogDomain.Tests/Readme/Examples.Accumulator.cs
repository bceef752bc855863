using LogDomain;

namespace Readme;

/// <summary>The examples of docs/guide/accumulator.md.</summary>
public sealed partial class Examples
{
    [Fact]
    public void Parts_in_any_order()
    {
        // <example>
        double[] logWeights = [-3.25, 700, 0.5, -1e6, 699, 12];

        LogSumExpAccumulator whole = default;
        whole.Add<double>(logWeights);
        Console.WriteLine(whole.Value);                               // 700.3132616875182

        LogSumExpAccumulator left = default, right = default;
        left.Add<double>(logWeights.AsSpan(..2));
        foreach (double x in logWeights.AsSpan(2..))
        {
            right.Add(x);
        }

        right.Merge(left);
        Console.WriteLine(right.Equals(whole));                       // True
        // </example>
        CompareOutput();
    }

    [Fact]
    public void State_as_bytes()
    {
        // <example>
        LogSumExpAccumulator sum = default;
        sum.Add(1000);
        sum.Add(1000);

        byte[] bytes = new byte[LogSumExpAccumulator.SizeInBytes];
        sum.TryWriteBytes(bytes);                                     // to a file, a queue, another machine

        LogSumExpAccumulator received = LogSumExpAccumulator.Read(bytes);
        Console.WriteLine($"{received.Value:F4} from {received.Count}");   // 1000.6931 from 2

        bytes[4] = 2;
        try
        {
            LogSumExpAccumulator.Read(bytes);
        }
        catch (FormatException e)
        {
            Console.WriteLine(e.Message);                             // The version of the bytes is 2, but 1 was expected.
        }
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Weights_and_what_they_are_worth()
    {
        // <example>
        // log p(x) - log q(x) of five draws; the last one missed.
        float[] logRatios = [-20.5f, -21, -19.75f, -22.5f, float.NegativeInfinity];

        LogSumExpAccumulator weights = default;
        weights.Add<float>(logRatios);
        Console.WriteLine($"{Math.Exp(weights.LogMean):E3}");         // 9.648E-010
        Console.WriteLine($"{weights.RelativeStandardError:F3}");     // 0.493
        Console.WriteLine($"{weights.EffectiveSampleSize:F2}");       // 2.54
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Groups_by_key()
    {
        // <example>
        string[] users = ["ada", "ada", "bob", "ada", "bob"];
        double[] scores = [1, 2, 10, 3, 10];

        GroupedLogSumExp<string> groups = new();
        groups.Add<double>(users, scores);
        groups.Add("cy", -4);
        Console.WriteLine($"{groups["ada"].Value:F4}");               // 3.4076
        Console.WriteLine(string.Join(", ", groups.Select(group => $"{group.Key}: {group.Value.Count}")));   // ada: 3, bob: 2, cy: 1
        // </example>
        CompareOutput();
    }
}

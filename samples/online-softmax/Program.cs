using System.Diagnostics;
using System.Globalization;
using LogDomain.Attention;
using OnlineSoftMax;

// Attention of one query over 16 keys, four at a time: the state after each step. Then over two processes: each has half of the keys, and their states are joined.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Keys = 16, Step = 4, HeadSize = 2, ValueSize = 1;
float[] query = [1.5f, 1], key = new float[Keys * HeadSize], value = new float[Keys];
for (int i = 0; i < Keys; i++)
{
    key[2 * i] = (float)(1.6 * Math.Sin(1.1 * i)) + (i / 8f);
    key[(2 * i) + 1] = (float)Math.Cos(0.7 * i);
    value[i] = (float)Math.Sin(0.4 * i);
}

if (args is ["half", string first])
{
    byte[] bytes = new byte[Part(int.Parse(first), Keys / 2).SizeInBytes];
    _ = Part(int.Parse(first), Keys / 2).TryWriteBytes(bytes);
    Console.WriteLine(Convert.ToHexString(bytes));
    return;
}

Console.WriteLine("keys     reference       sum    output");
AttentionState state = new(1, ValueSize);
List<(double Reference, double Sum, double Output)> steps = [];
for (int start = 0; start < Keys; start += Step)
{
    state.Merge(Part(start, Step));
    double[] output = new double[1];
    state.Finish<double>(output);
    steps.Add((state.References[0], state.Sums[0], output[0]));
    Console.WriteLine($"0 to {start + Step - 1,-2}  {state.References[0],10:F6}  {state.Sums[0],8:F6}  {output[0],8:F6}");
}

AttentionState halves = Half(0);
halves.Merge(Half(Keys / 2));
double[] joined = new double[1], whole = new double[1];
float[] single = new float[1];
halves.Finish<double>(joined);
Part(0, Keys).Finish<double>(whole);
ScaledDotProductAttention.Forward<float>(query, key, value, single, new(1, 1, 1, 1, Keys, HeadSize, ValueSize));
Console.WriteLine($"two processes: {joined[0]:F6}, one: {whole[0]:F6}, one call: {single[0]:F6}");
if (args is ["picture", string path])
{
    Picture.Save(path, [.. Enumerable.Range(0, Keys).Select(Score)], Step, steps);
}

double Score(int i) => ((query[0] * key[2 * i]) + (query[1] * key[(2 * i) + 1])) / Math.Sqrt(HeadSize);

AttentionState Part(int first, int count)
{
    AttentionState part = new(1, ValueSize);
    ScaledDotProductAttention.Accumulate<float>(query, key.AsSpan(first * HeadSize, count * HeadSize), value.AsSpan(first, count), part, new(1, 1, 1, 1, count, HeadSize, ValueSize));
    return part;
}

static AttentionState Half(int first)
{
    ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
    if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
    {
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OnlineSoftMax.dll"));
    }

    start.ArgumentList.Add("half");
    start.ArgumentList.Add(first.ToString());
    using Process process = Process.Start(start)!;
    byte[] bytes = Convert.FromHexString(process.StandardOutput.ReadToEnd().Trim());
    process.WaitForExit();
    return AttentionState.Read(bytes);
}

// One file of log-weights, summed by four processes. Each writes its state, 128 bytes; the states are merged in every order.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using LogDomain;

const int Shards = 4;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["sum", string input, string part, string output])
{
    double[] all = Read(input);
    int number = int.Parse(part, CultureInfo.InvariantCulture), length = all.Length / Shards;
    Range mine = (number * length)..(number == Shards - 1 ? all.Length : (number + 1) * length);
    LogSumExpAccumulator sum = default;
    sum.Add<double>(all.AsSpan(mine));
    File.WriteAllBytes(output, Bytes(sum));
    return 0;
}

string folder = Directory.CreateTempSubdirectory("shards").FullName;
try
{
    string file = Path.Combine(folder, "log-weights.f64");
    Write(file, 1_000_003);

    LogSumExpAccumulator whole = default;
    whole.Add<double>(Read(file));
    string expected = Convert.ToHexString(Bytes(whole));
    Console.WriteLine($"one process:    {whole.Value:R} from {whole.Count} log-weights");

    string[] states = [.. Enumerable.Range(0, Shards).Select(shard => Path.Combine(folder, $"{shard}.state"))];
    Process[] processes = [.. states.Select((state, shard) => Process.Start(Myself("sum", file, $"{shard}", state))!)];
    foreach (Process process in processes)
    {
        process.WaitForExit();
    }

    int orders = 0, equal = 0;
    foreach (int[] order in Orders([.. Enumerable.Range(0, Shards)]))
    {
        LogSumExpAccumulator merged = default;
        foreach (int shard in order)
        {
            merged.Merge(LogSumExpAccumulator.Read(File.ReadAllBytes(states[shard])));
        }

        orders++;
        equal += Convert.ToHexString(Bytes(merged)) == expected ? 1 : 0;
        if (orders == 1)
        {
            Console.WriteLine($"four processes: {merged.Value:R} from {merged.Count} log-weights");
        }
    }

    Console.WriteLine($"{equal} of {orders} orders of merging give the same {LogSumExpAccumulator.SizeInBytes} bytes as one process");
    return equal == orders ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static double[] Read(string file) => MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(file)).ToArray();

// Between -690 and 0, so that the weights span 300 powers of ten; a congruence by Knuth (MMIX) makes them the same everywhere.
static void Write(string file, int count)
{
    ulong state = 1;
    double[] logWeights = new double[count];
    for (int i = 0; i < count; i++)
    {
        state = (state * 6364136223846793005) + 1442695040888963407;
        logWeights[i] = -690 * ((state >> 11) / 9007199254740992.0);
    }

    File.WriteAllBytes(file, MemoryMarshal.AsBytes<double>(logWeights));
}

static byte[] Bytes(in LogSumExpAccumulator sum)
{
    byte[] bytes = new byte[LogSumExpAccumulator.SizeInBytes];
    sum.TryWriteBytes(bytes);
    return bytes;
}

static ProcessStartInfo Myself(params string[] arguments) => new("dotnet", [typeof(Program).Assembly.Location, .. arguments]);

static IEnumerable<int[]> Orders(int[] items) => items.Length == 1
    ? [items]
    : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));

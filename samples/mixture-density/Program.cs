using MixtureDensityNetwork;

// Bishop's inverse problem: x = t + 0.3 sin(2 pi t) + noise is to be turned round. One x may come from three t, so that no single prediction is right.
const int Count = 1_000;
Random random = new(1994);
double[] x = new double[Count], t = new double[Count];
for (int i = 0; i < Count; i++)
{
    t[i] = random.NextDouble();
    x[i] = t[i] + (0.3 * Math.Sin(2 * Math.PI * t[i])) + (0.1 * ((2 * random.NextDouble()) - 1));
}

Network single = new(components: 1, hidden: 20, seed: 1), mixture = new(components: 3, hidden: 20, seed: 1);
Console.WriteLine("mean loss in nats, of 1,000 points:");
Console.WriteLine();
Console.WriteLine("step   1 component   3 components");
for (int step = 0; ; step += 500)
{
    Console.WriteLine($"{step,4}   {single.Loss(x, t),11:F2}   {mixture.Loss(x, t),12:F2}");
    if (step == 2_000)
    {
        break;
    }

    single.Train(x, t, steps: 500);
    mixture.Train(x, t, steps: 500);
}

Console.WriteLine();
Console.WriteLine("at x = 0.5   weight   mean");
foreach ((double weight, double mean) in mixture.ComponentsAt(0.5))
{
    Console.WriteLine($"             {weight,6:F1} {mean,6:F1}");
}

if (args.Length == 1)
{
    Picture.Save(args[0], x, t, single, mixture);
}

using BenchmarkDotNet.Running;
using LogDomain.Benchmarks;

BenchmarkSwitcher.FromTypes([typeof(AccumulatorBenchmarks<>), typeof(AlignmentBenchmarks), typeof(CrossEntropyOptionBenchmarks), typeof(RowBenchmarks<>)]).Run(args);
